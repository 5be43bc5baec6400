import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseFieldName, parseFieldValue, valueInWords, withField } from "../../../domain/tracker/field-update.ts";
import { RECORD_TYPES, type RecordType } from "../../../domain/tracker/record.ts";
import { aRecord, refusalOf } from "../../support/tracker-values.ts";

const NOW = "2026-02-03T04:05:06Z";

const parsed = (field: string, value: unknown, type: RecordType = "task") =>
  parseFieldValue(type, "ENC-TSK-001", field, value);
const stored = (field: string, value: unknown, type: RecordType = "task") => parsed(field, value, type).value;
const refused = (field: string, value: unknown, type: RecordType = "task") =>
  refusalOf(() => parsed(field, value, type)).message;

describe("the name of a field", () => {
  it("is required", () => {
    for (const nothing of [undefined, null, "", "  ", 5, {}, ["title"], true]) {
      expect(refusalOf(() => parseFieldName(nothing)).message).toContain("Field 'field' is required");
    }
  });

  it("is trimmed", () => {
    expect(parseFieldName("  title ")).toBe("title");
  });

  it.each(["Title", "1st", "a-b", "a.b", "a b", "_a", "__proto__", "a[0]", "#a", "é", `a${"b".repeat(64)}`])(
    "is not %s",
    (name) => {
      expect(refusalOf(() => parseFieldName(name)).message).toContain("field");
    },
  );

  it.each(["a", "github_issue_url", "x9", `a${"b".repeat(63)}`, "constructor"])("may be %s", (name) => {
    expect(parseFieldName(name)).toBe(name);
  });

  it.each([
    // What a record is.
    "project_id",
    "record_id",
    "record_type",
    "item_id",
    "external_id",
    // Stamps.
    "sync_version",
    "created_at",
    "updated_at",
    "write_source",
    "last_update_note",
    "expires_at",
    "pending_update_at",
    "pending_scope",
    // The chain and its head.
    "history",
    "history_seq",
    "history_hash",
    "history_notes",
    "history_recent",
    // Who holds it.
    "active_agent_session_id",
    "active_agent_session_at",
    "lease_id",
    "lease_expires_at",
    "lease_heartbeat_at",
    "fence",
    "leased_scope",
    // Whether it can be worked on.
    "ready_scope",
    "ready_rank",
    "open_blockers",
    "blocked_parents",
    "has_dependants",
    "stalled_scope",
    "row_version",
    "parked_at",
    "parked_reason",
    // What a gate has seen.
    "commit_sha",
    "deployment_ref",
    "merge_evidence",
  ])("is not %s, which the system keeps", (name) => {
    const refusal = refusalOf(() => parseFieldName(` ${name} `));
    expect(refusal.code).toBe("INVALID_INPUT");
    expect(refusal.message).toContain("system-managed");
  });
});

describe("the value of a field", () => {
  it.each<[value: unknown]>([
    ["text"],
    [""],
    [5],
    [0],
    [-1.5],
    [true],
    [false],
    [null],
    [["a", 1, null]],
    [{ a: { b: [] } }],
  ])("keeps its JSON type: %j", (value) => {
    expect(stored("anything", value)).toEqual(value);
  });

  it("is empty where none is sent", () => {
    expect(stored("anything", undefined)).toBe("");
    expect(stored("related_task_ids", undefined)).toEqual([]);
  });

  it("has at most 50,000 characters, of text or of JSON", () => {
    expect(stored("anything", "x".repeat(50_000))).toHaveLength(50_000);
    expect(refused("anything", "x".repeat(50_001))).toContain("anything");
    expect(
      refused(
        "anything",
        Array.from({ length: 30_000 }, () => 1),
      ),
    ).toContain("anything");
  });

  it.each<[what: string, value: unknown]>([
    ["a number beyond what can be stored", 1e300],
    ["a number too small to be stored", 1e-200],
    ["an integer that loses digits", 2 ** 60],
    ["no number at all", Number.POSITIVE_INFINITY],
    ["lists in lists without end", JSON.parse(`${"[".repeat(40)}${"]".repeat(40)}`)],
    ["thousands of lists in lists", JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)],
    ["a key that would become the prototype", JSON.parse('{"__proto__": {"a": 1}}')],
    ["such a key further inside", JSON.parse('{"a": [{"__proto__": 1}]}')],
    ["an empty key", { "": 1 }],
  ])("is refused where it cannot be kept as it is: %s", (_what, value) => {
    expect(refused("anything", value)).toContain("anything");
    expect(refused("owners", [value])).toContain("owners");
  });

  it("may be nested as deep as anybody needs", () => {
    const value = JSON.parse(`${'{"a":'.repeat(20)}1${"}".repeat(20)}`);
    expect(stored("anything", value)).toEqual(value);
  });

  it("of a text field is a text or null", () => {
    for (const field of ["description", "priority", "assigned_to", "user_story", "blocked_by", "github_issue_url"]) {
      expect(stored(field, " as sent ")).toBe(" as sent ");
      expect(stored(field, null)).toBeNull();
      for (const odd of [5, true, [], {}]) expect(refused(field, odd)).toContain(field);
    }
  });
});

describe("status", () => {
  it("is a text, trimmed and in lower case", () => {
    expect(stored("status", " In-Progress ")).toBe("in-progress");
    for (const odd of [null, 5, true, [], {}]) expect(refused("status", odd)).toContain("status");
  });
});

describe("title", () => {
  it("is a text of 1 to 500 characters", () => {
    expect(stored("title", " New ")).toBe("New");
    for (const odd of [null, "", "  ", 5, [], "x".repeat(501)]) expect(refused("title", odd)).toContain("title");
  });
});

describe("parent", () => {
  it("is a record of the same type, in capitals", () => {
    expect(stored("parent", " enc-tsk-002 ")).toBe("ENC-TSK-002");
    expect(stored("parent", "X-FTR-1", "feature")).toBe("X-FTR-1");
  });

  it.each<[RecordType, string]>([
    ["task", "ENC-ISS-001"],
    ["task", "enc-ftr-001"],
    ["issue", "ENC-TSK-002"],
    ["feature", "ENC-TSK-002"],
    ["task", "MY-OLD-ISS-001"],
  ])("of a %s is not %s", (type, parent) => {
    expect(refused("parent", parent, type)).toContain("Parent must be the same record type");
  });

  it("is not the record itself", () => {
    expect(refused("parent", "enc-tsk-001")).toContain("itself");
  });

  it("is cleared by an empty text", () => {
    for (const nothing of ["", "  ", undefined]) expect(stored("parent", nothing)).toBe("");
  });

  it("may be an id of unknown form, but no other thing", () => {
    expect(stored("parent", "epic 7")).toBe("EPIC 7");
    for (const odd of [5, null, ["ENC-TSK-002"], {}, "x".repeat(101)])
      expect(refused("parent", odd)).toContain("parent");
  });
});

describe("primary_task", () => {
  it("is a task, of features and issues", () => {
    expect(stored("primary_task", "enc-tsk-002", "feature")).toBe("ENC-TSK-002");
    expect(stored("primary_task", "", "issue")).toBe("");
    expect(refused("primary_task", "ENC-TSK-002", "task")).toContain("primary_task is only valid");
    expect(refused("primary_task", "ENC-ISS-002", "feature")).toContain("primary_task must reference a task");
    expect(refused("primary_task", 5, "feature")).toContain("primary_task");
  });
});

describe("relations", () => {
  it.each(["related_task_ids", "related_issue_ids", "related_feature_ids"])("%s are read as lists of ids", (field) => {
    expect(stored(field, '["a-tsk-1"]')).toEqual(["A-TSK-1"]);
    expect(stored(field, null)).toEqual([]);
    expect(refused(field, [5])).toContain(field);
  });

  it("depends_on is grouped", () => {
    expect(stored("depends_on", "a-iss-1,a-tsk-1")).toEqual([
      { type: "task", ids: ["A-TSK-1"] },
      { type: "issue", ids: ["A-ISS-1"] },
    ]);
  });
});

describe("acceptance criteria", () => {
  it("are a text or a list, at least one for tasks and features", () => {
    expect(stored("acceptance_criteria", " works ")).toEqual(["works"]);
    expect(stored("acceptance_criteria", ["a", " ", "b"])).toEqual(["a", "b"]);
    for (const type of ["task", "feature"] as const) {
      for (const none of ["", [], null, [""]]) {
        expect(refused("acceptance_criteria", none, type)).toContain("acceptance_criteria");
      }
    }
    expect(stored("acceptance_criteria", [], "issue")).toEqual([]);
    for (const odd of [5, [5], {}]) expect(refused("acceptance_criteria", odd)).toContain("acceptance_criteria");
  });

  const works = { description: "works", evidence: "run 1", evidence_acceptance: true };
  const feature = aRecord({ record_type: "feature", acceptance_criteria: [works, "is old"] });
  const set = (value: unknown) =>
    withField(feature, parseFieldValue("feature", feature.item_id, "acceptance_criteria", value), NOW)
      .acceptance_criteria;

  it("of a feature keep their evidence while their description stays", () => {
    expect(set(["is new", "works", "is old"])).toEqual([
      { description: "is new", evidence: "", evidence_acceptance: false },
      works,
      { description: "is old", evidence: "", evidence_acceptance: false },
    ]);
  });

  it("of a feature lose their evidence with their description", () => {
    expect(set(["works well"])).toEqual([{ description: "works well", evidence: "", evidence_acceptance: false }]);
  });

  it("of a feature cannot be accepted on the way", () => {
    expect(set([{ description: "is old", evidence: "trust me", evidence_acceptance: true }])).toEqual([
      { description: "is old", evidence: "", evidence_acceptance: false },
    ]);
    expect(set([{ ...works, evidence_acceptance: false, evidence: "" }])).toEqual([works]);
  });

  it("of a task are plain texts", () => {
    const task = aRecord({ acceptance_criteria: ["a"] });
    const value = parsed("acceptance_criteria", [{ description: "b", evidence_acceptance: true }, "c"]);
    expect(withField(task, value, NOW).acceptance_criteria).toEqual(["b", "c"]);
  });
});

describe("evidence", () => {
  it("of an issue is checked as at its creation", () => {
    const evidence = [{ description: "It crashes", steps_to_duplicate: ["open it"], observed_by: "ada" }];
    expect(stored("evidence", evidence, "issue")).toEqual(evidence);
    expect(refused("evidence", [{}], "issue")).toContain("evidence[0].description");
    for (const none of ["", [], null]) expect(refused("evidence", none, "issue")).toContain("evidence");
  });

  it("of something else is stored as sent", () => {
    expect(stored("evidence", "seen", "feature")).toBe("seen");
  });
});

describe("the pending note", () => {
  it("comes with the time that finds it, and goes with it", () => {
    const record = withField(aRecord(), parsed("update", "Look at this"), NOW);
    expect(record).toMatchObject({ update: "Look at this", pending_update_at: NOW, pending_scope: "pending" });
    for (const nothing of ["", null, undefined]) {
      const cleared = withField(record, parsed("update", nothing), NOW);
      expect(cleared.update).toBe("");
      expect(cleared.pending_update_at).toBeUndefined();
      expect(cleared.pending_scope).toBeUndefined();
    }
  });

  it("is a text of at most 10,000 characters", () => {
    for (const odd of [5, [], {}, "x".repeat(10_001)]) expect(refused("update", odd)).toContain("update");
  });
});

describe("category", () => {
  it("outside the usual ones is stored with a warning", () => {
    expect(parsed("category", "bug")).toMatchObject({ value: "bug", warnings: [expect.stringContaining("bug")] });
    expect(parsed("category", "validation")).toMatchObject({ value: "validation", warnings: [] });
    expect(parsed("category", "")).toMatchObject({ value: "", warnings: [] });
  });
});

describe("labels", () => {
  it("are a list of texts", () => {
    expect(stored("labels", ["b", " a ", "b"])).toEqual(["b", "a"]);
    for (const none of ["", null, []]) expect(stored("labels", none)).toEqual([]);
    for (const odd of [5, "a", [5], {}]) expect(refused("labels", odd)).toContain("labels");
  });
});

describe("a value in words", () => {
  it.each<[value: unknown, words: string]>([
    ["text", "text"],
    ["", ""],
    [5, "5"],
    [false, "false"],
    [null, "null"],
    [["a", 1], '["a",1]'],
    [{ a: 1 }, '{"a":1}'],
    ["x".repeat(100), "x".repeat(100)],
    ["x".repeat(101), `${"x".repeat(100)}...`],
    [["y".repeat(200)], `["${"y".repeat(98)}...`],
  ])("%j", (value, words) => {
    expect(valueInWords(value)).toBe(words);
  });

  it("are never cut through a character", () => {
    expect(valueInWords(`${"x".repeat(99)}😀😀`)).toBe(`${"x".repeat(99)}😀...`);
  });
});

it("whatever is sent for whatever field is stored or refused", () => {
  const field = fc.oneof(
    fc.constantFrom(
      "status",
      "title",
      "parent",
      "primary_task",
      "related_task_ids",
      "depends_on",
      "acceptance_criteria",
      "evidence",
      "update",
      "labels",
      "category",
      "description",
      "owners",
      "constructor",
    ),
    fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...RECORD_TYPES),
      field,
      fc.oneof(fc.jsonValue(), fc.anything()),
      (type, name, value) => {
        try {
          const { value: kept } = parseFieldValue(type, "ENC-TSK-001", name, value);
          valueInWords(kept);
        } catch (error) {
          expect(error).toMatchObject({ name: "DomainError", code: "INVALID_INPUT" });
        }
      },
    ),
    { numRuns: 500 },
  );
});
