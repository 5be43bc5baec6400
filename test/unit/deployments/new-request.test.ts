import { DomainError } from "@enceladus/shared/errors";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { NON_UI_RULES, type NonUiType } from "../../../domain/deployments/deployment-type.ts";
import { newRequest, nonUiConfigOf, REQUEST_LIMITS } from "../../../domain/deployments/new-request.ts";

const LEAST = { project_id: "moonbase", change_type: "patch", summary: "Better" };

/** What a body is taken as. */
function taken(fields: object) {
  return newRequest.parse({ ...LEAST, ...fields });
}

/** Everything that is said against a body, in its order; empty where nothing is. */
function faults(body: unknown): string[] {
  const { error } = newRequest.safeParse(body);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const faultsWith = (fields: object) => faults({ ...LEAST, ...fields });
const many = (count: number, text = "x") => Array.from({ length: count }, () => text);

describe("a request", () => {
  it("needs its project, the size of the change and a summary", () => {
    expect(faults({})).toEqual(["project_id: is required", "change_type: is required", "summary: is required"]);
    expect(faults({ project_id: " ", change_type: null, summary: "" })).toEqual([
      "project_id: is required",
      "change_type: is required",
      "summary: must have 1 to 500 characters",
    ]);
  });

  it("has for everything else a value that goes without saying; null is not given", () => {
    const usual = {
      ...LEAST,
      deployment_type: "github_public_static",
      changes: [],
      pre_deploy_hooks: [],
      related_record_ids: [],
      files_changed: [],
      submitted_by: "api-user",
      auto_trigger: true,
    };
    expect(taken({})).toEqual(usual);
    const names = ["deployment_type", "changes", "pre_deploy_hooks", "related_record_ids", "files_changed"];
    const others = ["submitted_by", "auto_trigger", "non_ui_config", "github_config", "source_key", "idempotency_key"];
    const nulls = Object.fromEntries([...names, ...others].map((name) => [name, null]));
    expect(taken(nulls)).toMatchObject(usual);
  });

  it("is read with spaces and capitals where they mean nothing", () => {
    const read = taken({ project_id: " moonbase ", change_type: " MAJOR ", summary: "  Better  " });
    expect(read).toMatchObject({ ...LEAST, change_type: "major" });
    expect(faultsWith({ deployment_type: "Lambda_Update" })).toHaveLength(1);
    expect(taken({ deployment_type: " lambda_update " }).deployment_type).toBe("lambda_update");
  });

  it("ignores fields that nobody knows", () => {
    expect(taken({ further: 1 })).not.toHaveProperty("further");
  });

  it("is told all its faults at once, in the order of the fields", () => {
    const body = { ...LEAST, non_ui_config: [], pre_deploy_hooks: 1, changes: 1, summary: 1, deployment_type: 1 };
    expect(faults({ ...body, change_type: "huge", project_id: 1 }).map((fault) => fault.split(":")[0])).toEqual([
      "project_id",
      "change_type",
      "deployment_type",
      "summary",
      "changes",
      "pre_deploy_hooks",
      "non_ui_config",
    ]);
  });

  it.each([
    ["a project that is a number", { project_id: 1 }, "project_id: must be a string"],
    ["a project of 256 characters", { project_id: "x".repeat(256) }, "project_id: must have at most 255 characters"],
    ["a size that nobody knows", { change_type: "huge" }, "change_type: must be one of patch, minor, major"],
    ["an empty type", { deployment_type: "" }, "deployment_type: must be one of github_public_static"],
    ["a type that is a list", { deployment_type: ["x"] }, "deployment_type: must be a string"],
    ["a summary of 501 characters", { summary: "x".repeat(501) }, "summary: must have 1 to 500 characters"],
    ["changes that are a text", { changes: "x" }, "changes: must be a list of strings"],
    ["changes with a number", { changes: ["x", 1] }, "changes: must be a list of strings"],
    ["51 changes", { changes: many(51) }, "changes: must have at most 50 entries"],
    ["101 records", { related_record_ids: many(101) }, "related_record_ids: must have at most 100 entries"],
    ["2001 files", { files_changed: many(2_001) }, "files_changed: must have at most 2000 entries"],
    ["a long file", { files_changed: ["x".repeat(513)] }, "files_changed: must be a list of strings of at most 512"],
    ["an unknown hook", { pre_deploy_hooks: ["b", "doc_prep", "a"] }, "pre_deploy_hooks: has unknown hooks: a, b;"],
    ["a hook that is a number", { pre_deploy_hooks: [1] }, "pre_deploy_hooks: must be a list of strings"],
    ["a submitter that is an object", { submitted_by: {} }, "submitted_by: must be a string"],
    ["auto_trigger as a text", { auto_trigger: "false" }, "auto_trigger: must be a boolean"],
    ["a github_config that is a list", { github_config: [] }, "github_config: must be an object"],
    ["a source that is a number", { source_key: 1 }, "source_key: must be a string"],
  ])("with %s is refused", (_what, fields, message) => {
    expect(faultsWith(fields)).toEqual([expect.stringContaining(message)]);
  });

  it("counts characters as people do", () => {
    expect(taken({ summary: "🚀".repeat(REQUEST_LIMITS.summary) }).summary).toHaveLength(1_000);
    expect(taken({ changes: ["🚀".repeat(201)] }).changes).toEqual(["🚀".repeat(200)]);
  });

  it("names each hook once, without blank ones", () => {
    expect(taken({ pre_deploy_hooks: [" doc_prep", "", "doc_prep", " "] }).pre_deploy_hooks).toEqual(["doc_prep"]);
  });

  it("says one thing of a list however much is wrong with it", () => {
    expect(faultsWith({ changes: Array.from({ length: 100_000 }, () => 1) }).length).toBeLessThanOrEqual(2);
  });

  it("refuses what is nested so deep that it could not be written again", () => {
    let deep: unknown = "end";
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    expect(faultsWith({ github_config: { deep } })).toEqual(["github_config: must have at most 32 levels"]);
  });
});

const REGION = "eu-central-1";
const configOf = (deployment_type: string, non_ui_config?: unknown) =>
  nonUiConfigOf(taken({ deployment_type, non_ui_config }), REGION);

function refusalOf(deployment_type: string, non_ui_config?: unknown): string {
  try {
    configOf(deployment_type, non_ui_config);
  } catch (error) {
    if (error instanceof DomainError && error.code === "INVALID_INPUT") return error.message;
    throw error;
  }
  return "";
}

describe.each(Object.entries(NON_UI_RULES))("the configuration of %s", (type, rule) => {
  const [targetPrefix] = rule.targetPrefixes;
  const least = { service_group: rule.serviceGroup, target_arn: `${targetPrefix}x` };

  it("has all checks of its type, its region and a way back unless it says otherwise", () => {
    const usual = { target_region: REGION, rollback_on_failure: true, validation_checks: rule.requiredChecks };
    expect(configOf(type, least)).toEqual({ ...least, ...usual });
    const own = { target_region: "us-east-2", rollback_on_failure: false };
    const checks = [" more ", "", ...rule.requiredChecks];
    expect(configOf(type, { ...least, ...own, validation_checks: checks })).toEqual({
      ...least,
      ...own,
      validation_checks: ["more", ...rule.requiredChecks],
    });
  });

  it("takes every kind of target that it may have, and no other", () => {
    for (const prefix of rule.targetPrefixes)
      expect(configOf(type, { ...least, target_arn: `${prefix}x` })).toBeDefined();
    expect(refusalOf(type, { ...least, target_arn: "arn:aws:iam::1:role/x" })).toContain("target_arn must start with");
  });

  it("is refused with other checks, naming those that are missing", () => {
    const missing = [...rule.requiredChecks].sort().join(", ");
    expect(refusalOf(type, { ...least, validation_checks: [] })).toContain(`lacks ${missing}`);
  });

  it("is refused where it is missing, of another group or of another form", () => {
    expect(refusalOf(type)).toContain("non_ui_config is required");
    expect(refusalOf(type, { ...least, service_group: "other" })).toContain("service_group must be");
    expect(refusalOf(type, {})).toBe("non_ui_config.service_group: is required; non_ui_config.target_arn: is required");
    expect(refusalOf(type, { ...least, validation_checks: "x" })).toContain("validation_checks: must be a list");
    expect(refusalOf(type, { ...least, rollback_on_failure: "x" })).toContain("rollback_on_failure: must be a boolean");
  });
});

it("what is built has no such configuration, whatever was sent", () => {
  expect(configOf("github_private_sst", { service_group: 5 })).toBeUndefined();
});

describe("any JSON body", () => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const type = fc.constantFrom(...(Object.keys(NON_UI_RULES) as NonUiType[]), "github_public_static");
  /** Bodies that look like requests more often than mere JSON does. */
  const almost = fc.record(
    {
      project_id: fc.oneof(fc.constant("moonbase"), anything),
      change_type: fc.oneof(fc.constant("patch"), anything),
      summary: fc.oneof(fc.string({ maxLength: 600 }), anything),
      deployment_type: fc.oneof(type, anything),
      changes: fc.oneof(fc.array(fc.string()), anything),
      pre_deploy_hooks: fc.oneof(fc.constant(["doc_prep"]), anything),
      non_ui_config: fc.oneof(fc.record({ service_group: fc.string(), target_arn: fc.string() }), anything),
      files_changed: anything,
      related_record_ids: anything,
      submitted_by: anything,
      auto_trigger: anything,
      github_config: anything,
      source_key: anything,
    },
    { requiredKeys: [] },
  );

  it("is taken or refused with a reason, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(almost, anything), (body) => {
        const parsed = newRequest.safeParse(body);
        if (!parsed.success) return parsed.error.issues.every(({ message }) => message !== "");
        try {
          nonUiConfigOf(parsed.data, REGION);
        } catch (error) {
          return error instanceof DomainError && error.code === "INVALID_INPUT" && error.message !== "";
        }
        return parsed.data.summary !== "" && parsed.data.changes.length <= REQUEST_LIMITS.changes;
      }),
      { numRuns: 2_000 },
    );
  });
});
