import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { evaluate } from "../../../domain/governance/document-policy/evaluate.ts";
import { defaultPolicy, policyOf } from "../../../domain/governance/document-policy/policy.ts";
import { type DocumentPolicyRequest, documentPolicyRequest } from "../../../domain/governance/index.ts";

const DEFAULT_TARGETS = ["bedrock_action", "docstore_api", "governance_s3", "mcp_validator"];

afterEach(() => {
  delete process.env.COMPLIANCE_ENFORCEMENT_DEFAULT;
  delete process.env.DOCUMENT_STORAGE_POLICY_ID;
});

function judge(request: Partial<DocumentPolicyRequest> = {}, row: Record<string, unknown> = {}) {
  return evaluate(policyOf(row), { operation: "documents_put", storage_target: "docstore_api", ...request });
}

describe("a policy", () => {
  it("is by default active and enforced, for the four places that there are", () => {
    expect(defaultPolicy()).toEqual({
      policy_id: "document_storage_cloud_only",
      status: "active",
      enforcement_mode: "enforce",
      allowed_targets: DEFAULT_TARGETS,
      forbidden_path_prefixes: [],
      source: "default",
    });
  });

  it("has the default mode and the id that the environment names", () => {
    process.env.COMPLIANCE_ENFORCEMENT_DEFAULT = " Monitor ";
    process.env.DOCUMENT_STORAGE_POLICY_ID = "other";
    expect(defaultPolicy()).toMatchObject({ policy_id: "other", enforcement_mode: "monitor" });
    expect(policyOf({})).toMatchObject({ policy_id: "other", enforcement_mode: "monitor", source: "dynamodb" });
  });

  it("is compared in lower case, its places sorted and each once", () => {
    const row = {
      status: " Active",
      enforcement_mode: "MONITOR",
      allowed_targets: ["S3 ", "docstore_api", "s3", 5, ""],
      forbidden_path_prefixes: new Set(["Mnt/"]),
    };
    expect(policyOf(row)).toMatchObject({
      status: "active",
      enforcement_mode: "monitor",
      allowed_targets: ["docstore_api", "s3"],
      forbidden_path_prefixes: ["mnt/"],
    });
    expect(policyOf({ allowed_targets: new Set(["b", "a"]) }).allowed_targets).toEqual(["a", "b"]);
  });

  it.each([[[]], [["", " "]], [[5]], ["docstore_api"], [null], [{}]])(
    "has the four places where its row has %j",
    (list) => {
      expect(policyOf({ allowed_targets: list }).allowed_targets).toEqual(DEFAULT_TARGETS);
    },
  );

  it("has what is of a wrong type from the default", () => {
    expect(policyOf({ status: 1, enforcement_mode: null })).toMatchObject({
      status: "active",
      enforcement_mode: "enforce",
    });
  });
});

describe("a document is denied", () => {
  it("nowhere that is allowed, with no path or with one of the store", () => {
    for (const target of DEFAULT_TARGETS) {
      expect(judge({ storage_target: ` ${target.toUpperCase()} ` })).toMatchObject({
        decision: "allowed",
        reasons: [],
      });
    }
    const paths = {
      file_name: "a b~.md",
      path: "agents/a.md",
      destination: "s3://bucket/a",
      output_path: "c:a",
      local_path: "",
    };
    expect(judge({ operation: "governance_update", ...paths })).toMatchObject({ decision: "allowed", reasons: [] });
  });

  it("in a place that is not among the allowed ones", () => {
    expect(judge({ storage_target: "Local_Disk" })).toEqual({
      operation: "documents_put",
      storage_target: "local_disk",
      decision: "denied",
      reasons: [`storage_target 'local_disk' is not among ${DEFAULT_TARGETS.join(", ")}`],
    });
  });

  const LOCAL = ["/etc/a", "~/a", "./a", "../a", "\\\\host\\a", "c:/a", "Z:\\a", "  /a"];
  const FIELDS = ["file_name", "path", "output_path", "local_path", "target_path", "destination"] as const;

  it.each(FIELDS)("where %s looks local", (field) => {
    for (const path of LOCAL) {
      const { decision, reasons } = judge({ operation: "store", [field]: path });
      expect([path, decision, reasons]).toEqual([path, "denied", [expect.stringContaining(`${field} '`)]]);
    }
  });

  it("where a path begins as the policy forbids", () => {
    const row = { forbidden_path_prefixes: ["mnt/"] };
    expect(judge({ path: "MNT/a" }, row)).toMatchObject({
      decision: "denied",
      reasons: ["path 'mnt/a' begins as the policy forbids"],
    });
    expect(judge({ path: "a/mnt/" }, row)).toMatchObject({ decision: "allowed" });
  });

  it("where an operation on documents names a file in a folder", () => {
    for (const file_name of ["a/b.md", "a\\b.md"]) {
      expect(judge({ operation: "Documents_Patch", file_name })).toMatchObject({
        decision: "denied",
        reasons: ["file_name must be a name without folders"],
      });
      expect(judge({ operation: "governance_update", file_name })).toMatchObject({ decision: "allowed" });
    }
  });

  it("for every reason that there is, in a fixed order", () => {
    const { reasons } = judge({ storage_target: "disk", file_name: "/a", destination: "/b" });
    expect(reasons.map((reason) => reason.split(" ")[0])).toEqual([
      "storage_target",
      "file_name",
      "destination",
      "file_name",
    ]);
  });
});

describe("a reason is told and denies nothing", () => {
  it.each([
    [{ status: "draft" }, ["policy 'document_storage_cloud_only' is draft, not active", expect.any(String)]],
    [{ enforcement_mode: "monitor" }, [expect.any(String)]],
    [{ enforcement_mode: "enforced" }, [expect.any(String)]],
  ])("under a policy with %j", (row, reasons) => {
    expect(judge({ storage_target: "disk" }, row)).toMatchObject({ decision: "allowed", reasons });
  });

  it("not even one under a policy that is not active and a request that nothing speaks against", () => {
    expect(judge({}, { status: "retired" })).toMatchObject({ decision: "allowed", reasons: [expect.any(String)] });
  });
});

describe("any request at all", () => {
  it("is judged: denied exactly where there is a reason, in few words", () => {
    const ofWrongType = fc.constantFrom<unknown>(null, 5, true, [], ["/a"], {});
    const value = fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom("/a", "😀".repeat(500)), ofWrongType);
    const request = fc.dictionary(fc.constantFrom(...Object.keys(documentPolicyRequest.shape)), value);
    fc.assert(
      fc.property(request, (asked) => {
        const { decision, reasons } = evaluate(defaultPolicy(), asked as DocumentPolicyRequest);
        expect(decision).toBe(reasons.length > 0 ? "denied" : "allowed");
        for (const reason of reasons) expect(reason.length).toBeLessThan(500);
      }),
      { numRuns: 100 },
    );
  });

  it("may have paths of a megabyte", () => {
    for (const path of [
      "/".repeat(1_000_000),
      " ".repeat(1_000_000),
      "../".repeat(300_000),
      `a:${"\\".repeat(1_000_000)}`,
    ]) {
      expect(judge({ path, file_name: path }).reasons.join("; ").length).toBeLessThan(1_000);
    }
  });
});
