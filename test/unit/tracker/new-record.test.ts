import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type NewRecordInput, newRecord, parseSwitch } from "../../../domain/tracker/new-record.ts";
import { RECORD_TYPES, type RecordType } from "../../../domain/tracker/record.ts";
import { refusalOf } from "../../support/tracker-values.ts";

const EVIDENCE = [{ description: "It crashes", steps_to_duplicate: ["open it"] }];

/** The least that a record of each type is created with. */
const LEAST: Record<RecordType, NewRecordInput> = {
  task: { title: "Do it", acceptance_criteria: ["it is done"] },
  issue: { title: "It crashes", evidence: EVIDENCE },
  feature: { title: "Be able to", user_story: "As a user", acceptance_criteria: ["it works"] },
};

const created = (type: RecordType, more: Partial<NewRecordInput> = {}) => newRecord(type, { ...LEAST[type], ...more });
const refused = (type: RecordType, more: Partial<NewRecordInput> = {}) => refusalOf(() => created(type, more)).message;

describe("the least of a record", () => {
  it("is a title and a criterion for a task", () => {
    expect(created("task")).toEqual({
      type: "task",
      attributes: {
        title: "Do it",
        status: "open",
        acceptance_criteria: ["it is done"],
        coordination: false,
        active_agent_session: false,
        active_agent_session_id: "",
        active_agent_session_parent: false,
      },
      related: [],
      warning: undefined,
    });
  });

  it("is a title and evidence for an issue", () => {
    expect(created("issue").attributes).toEqual({
      title: "It crashes",
      status: "open",
      evidence: EVIDENCE,
      coordination: false,
    });
  });

  it("is a title, a user story and a criterion for a feature", () => {
    expect(created("feature").attributes).toEqual({
      title: "Be able to",
      status: "planned",
      user_story: "As a user",
      acceptance_criteria: [{ description: "it works", evidence: "", evidence_acceptance: false }],
      coordination: false,
    });
  });
});

describe("the first thing that is wrong is what is told", () => {
  const everythingWrong: Partial<NewRecordInput> = {
    title: " ",
    coordination: "maybe",
    user_story: "",
    acceptance_criteria: [],
    evidence: [],
    primary_task: "ENC-ISS-001",
  };
  const repairs: Partial<NewRecordInput>[] = [{ title: "A title" }, { coordination: false }];

  it("of a task: title, coordination, criteria, primary task", () => {
    const order = [...repairs, { acceptance_criteria: "done" }, { primary_task: "" }];
    expect(messages("task", order)).toEqual([
      "'title'",
      "coordination",
      "acceptance_criteria",
      "primary_task is only valid",
    ]);
  });

  it("of an issue: title, coordination, evidence, primary task", () => {
    const order = [...repairs, { evidence: EVIDENCE }, { primary_task: "" }];
    expect(messages("issue", order)).toEqual([
      "'title'",
      "coordination",
      "evidence",
      "primary_task must reference a task",
    ]);
  });

  it("of a feature: title, coordination, user story, criteria, primary task", () => {
    const order = [...repairs, { user_story: "As" }, { acceptance_criteria: "works" }, { primary_task: "" }];
    expect(messages("feature", order)).toEqual([
      "'title'",
      "coordination",
      "user_story",
      "acceptance_criteria",
      "primary_task must reference a task",
    ]);
  });

  /** Which of the known texts each refusal has, one repair after the other. */
  function messages(type: RecordType, order: Partial<NewRecordInput>[]): (string | undefined)[] {
    const texts = [
      "'title'",
      "user_story",
      "acceptance_criteria",
      "primary_task is only valid",
      "primary_task must reference a task",
      "evidence",
      "coordination",
    ];
    let input = everythingWrong;
    return order.map((repair) => {
      const message = refusalOf(() => newRecord(type, input)).message;
      input = { ...input, ...repair };
      return texts.find((text) => message.includes(text));
    });
  }
});

describe("title", () => {
  it("is required after trimming", () => {
    for (const title of [undefined, null, "", " \n\t"]) expect(refused("task", { title })).toContain("title");
  });

  it("is trimmed", () => {
    expect(created("task", { title: "  A \n title  " }).attributes.title).toBe("A \n title");
  });

  it("has at most 500 characters, however many bytes they have", () => {
    expect(created("task", { title: "😀".repeat(500) }).attributes.title).toHaveLength(1_000);
    expect(refused("task", { title: "a".repeat(501) })).toContain("title");
  });
});

describe("texts", () => {
  it.each(RECORD_TYPES)("of a %s are stored where they are not empty", (type) => {
    const texts = { description: "d", priority: "P0", assigned_to: "ada", category: "odd", intent: "i" };
    expect(created(type, texts).attributes).toMatchObject(texts);
    const blank = { description: "", priority: null, assigned_to: " ", category: undefined, intent: "\n" };
    const { attributes } = created(type, blank);
    for (const field of Object.keys(texts)) expect(attributes).not.toHaveProperty(field);
  });

  it("keep the white space of a description, and nothing around the others", () => {
    const { attributes } = created("task", { description: "  - a list\n", priority: " P1 ", intent: " why " });
    expect(attributes).toMatchObject({ description: "  - a list\n", priority: "P1", intent: "why" });
  });

  it("severity and hypothesis are for issues only", () => {
    const both = { severity: "critical", hypothesis: "a race" };
    expect(created("issue", both).attributes).toMatchObject(both);
    for (const type of ["task", "feature"] as const) {
      expect(created(type, both).attributes).not.toHaveProperty("severity");
      expect(created(type, both).attributes).not.toHaveProperty("hypothesis");
    }
  });

  it.each(["description", "priority", "assigned_to", "category", "intent"] as const)(
    "%s has at most 50,000 characters",
    (field) => {
      expect(created("task", { [field]: "x".repeat(50_000) }).attributes[field]).toHaveLength(50_000);
      expect(refused("task", { [field]: "x".repeat(50_001) })).toContain(field);
    },
  );

  it("a user story of a task is ignored", () => {
    expect(created("task", { user_story: "As" }).attributes).not.toHaveProperty("user_story");
  });
});

describe("status", () => {
  it("may be one that wants no evidence", () => {
    expect(created("task", { status: " Committed " }).attributes.status).toBe("committed");
  });

  it("may not be behind a gate", () => {
    expect(refused("task", { status: "deployed" })).toContain("status");
    expect(refused("feature", { status: "completed" })).toContain("status");
    expect(refused("issue", { status: "closed" })).toContain("status");
  });
});

describe("acceptance criteria", () => {
  it("may be one text", () => {
    expect(created("task", { acceptance_criteria: " it works " }).attributes.acceptance_criteria).toEqual(["it works"]);
  });

  it("are trimmed, and blank ones dropped", () => {
    const acceptance_criteria = [" a ", "", "  ", "b"];
    expect(created("task", { acceptance_criteria }).attributes.acceptance_criteria).toEqual(["a", "b"]);
  });

  it("are required of tasks and features", () => {
    for (const none of [undefined, null, "", [], ["", " "]]) {
      expect(refused("task", { acceptance_criteria: none })).toContain("acceptance_criteria");
      expect(refused("feature", { acceptance_criteria: none })).toContain("acceptance_criteria");
    }
  });

  it("are optional for issues", () => {
    expect(created("issue", { acceptance_criteria: "gone" }).attributes.acceptance_criteria).toEqual(["gone"]);
    expect(created("issue").attributes).not.toHaveProperty("acceptance_criteria");
  });

  it("cannot be forged as accepted", () => {
    const accepted = { description: "works", evidence: "trust me", evidence_acceptance: true };
    expect(refused("feature", { acceptance_criteria: [accepted] })).toContain("acceptance_criteria");
  });
});

describe("evidence of an issue", () => {
  it("is required", () => {
    for (const none of [undefined, null, [], {}, "seen", 5]) {
      expect(refused("issue", { evidence: none })).toContain("evidence");
    }
  });

  it("is ignored elsewhere", () => {
    expect(created("task", { evidence: "whatever" }).attributes).not.toHaveProperty("evidence");
  });

  it.each([[null], ["text"], [5], [["list"]]])("has objects for entries, not %j", (entry) => {
    expect(refused("issue", { evidence: [...EVIDENCE, entry] })).toContain("evidence[1] must be an object");
  });

  it.each([[undefined], [""], ["  "], [5], [null]])("has a description, not %j", (description) => {
    const entry = { ...EVIDENCE[0], description };
    expect(refused("issue", { evidence: [entry] })).toContain("evidence[0].description");
  });

  it.each([[undefined], [[]], ["one text"], [[5]], [[null]]])("has steps, not %j", (steps_to_duplicate) => {
    const entry = { ...EVIDENCE[0], steps_to_duplicate };
    expect(refused("issue", { evidence: [...EVIDENCE, entry] })).toContain("evidence[1].steps_to_duplicate");
  });

  it("keeps who saw it when, and drops what means nothing", () => {
    const whole = { ...EVIDENCE[0], observed_by: "ada", timestamp: "2026-01-01" };
    const { attributes } = created("issue", { evidence: [{ ...whole, severity: "high", __proto__: { a: 1 } }] });
    expect(attributes.evidence).toEqual([whole]);
    expect(created("issue", { evidence: [{ ...EVIDENCE[0], observed_by: 5 }] }).attributes.evidence).toEqual(EVIDENCE);
  });
});

describe("success metrics", () => {
  it("are for features, without blanks", () => {
    const success_metrics = [" faster ", "", 5, null];
    expect(created("feature", { success_metrics }).attributes.success_metrics).toEqual(["faster"]);
    expect(created("task", { success_metrics }).attributes).not.toHaveProperty("success_metrics");
  });

  it("are ignored where they are no list", () => {
    expect(created("feature", { success_metrics: "faster" }).attributes).not.toHaveProperty("success_metrics");
  });
});

describe("category", () => {
  const USUAL: Record<RecordType, string[]> = {
    feature: ["epic", "capability", "enhancement", "infrastructure"],
    task: ["implementation", "investigation", "documentation", "maintenance", "validation"],
    issue: ["bug", "debt", "risk", "security", "performance"],
  };

  it.each(RECORD_TYPES)("of a %s is one of the usual ones, or warned about and stored all the same", (type) => {
    for (const category of Object.values(USUAL).flat()) {
      const { warning, attributes } = created(type, { category });
      expect(attributes.category).toBe(category);
      if (USUAL[type].includes(category)) expect(warning).toBeUndefined();
      else expect(warning).toContain(category);
    }
  });
});

describe("primary task", () => {
  it("is only valid on features and issues", () => {
    expect(refused("task", { primary_task: "ENC-TSK-001" })).toContain("primary_task is only valid");
    expect(created("issue", { primary_task: "ENC-TSK-001" }).attributes.primary_task).toBe("ENC-TSK-001");
  });

  it("names a task, in capitals", () => {
    expect(created("feature", { primary_task: " enc-tsk-001 " }).attributes.primary_task).toBe("ENC-TSK-001");
    expect(refused("feature", { primary_task: "ENC-FTR-001" })).toContain("primary_task must reference a task");
  });

  it("is not stored where there is none", () => {
    for (const primary_task of [undefined, null, "", "  "]) {
      expect(created("feature", { primary_task }).attributes).not.toHaveProperty("primary_task");
    }
  });
});

describe("coordination", () => {
  it.each([[true], ["true"], ["1"], ["yes"], [" YES "]])("%j wants a request id", (coordination) => {
    expect(refused("task", { coordination })).toContain("coordination=true requires coordination_request_id");
    const { attributes } = created("task", { coordination, coordination_request_id: " CRQ-1 " });
    expect(attributes).toMatchObject({ coordination: true, coordination_request_id: "CRQ-1" });
  });

  it.each([[false], ["false"], ["0"], ["no"], [""], [null], [undefined]])("%j is none", (coordination) => {
    expect(created("task", { coordination }).attributes.coordination).toBe(false);
  });

  it("is nothing else", () => {
    expect(refused("task", { coordination: "perhaps" })).toContain("coordination");
  });

  it("is forced by a dispatch id", () => {
    expect(refused("task", { dispatch_id: "DSP-1" })).toContain("coordination=true requires coordination_request_id");
    expect(refused("task", { dispatch_id: "DSP-1", coordination: false })).toContain("coordination=true requires");
    const { attributes } = created("task", { dispatch_id: " DSP-1", coordination_request_id: "CRQ-1" });
    expect(attributes).toMatchObject({ coordination: true, coordination_request_id: "CRQ-1" });
    expect(attributes).not.toHaveProperty("dispatch_id");
  });

  it("keeps a request id without it", () => {
    const { attributes } = created("task", { coordination_request_id: "CRQ-1" });
    expect(attributes).toMatchObject({ coordination: false, coordination_request_id: "CRQ-1" });
  });
});

describe("related", () => {
  it("is a comma list or a list, in capitals, each id once, in order", () => {
    expect(created("task", { related: " enc-iss-2, ENC-TSK-1,,enc-iss-2 " }).related).toEqual([
      "ENC-ISS-2",
      "ENC-TSK-1",
    ]);
    expect(created("task", { related: ["enc-iss-2", "ENC-TSK-1", "enc-iss-2"] }).related).toEqual([
      "ENC-ISS-2",
      "ENC-TSK-1",
    ]);
    expect(created("task", { related: null }).related).toEqual([]);
  });

  it("refuses a text that cannot be an id", () => {
    expect(refused("task", { related: `ENC-TSK-${"1".repeat(3_000)}` })).toContain("related");
  });
});

describe("labels", () => {
  it("are trimmed, each once", () => {
    expect(created("task", { labels: [" a ", "b", "a", ""] }).attributes.labels).toEqual(["a", "b"]);
    expect(created("task", { labels: [] }).attributes).not.toHaveProperty("labels");
  });

  it("are at most 32, of at most 64 characters", () => {
    const labels = Array.from({ length: 33 }, (_, index) => `label ${index}`);
    expect(created("task", { labels: labels.slice(1) }).attributes.labels).toHaveLength(32);
    expect(refused("task", { labels })).toContain("labels");
    expect(refused("task", { labels: ["x".repeat(65)] })).toContain("labels");
  });
});

describe("parseSwitch", () => {
  it("names the field that it cannot read", () => {
    for (const odd of ["maybe", 2, {}, [], [true]]) {
      expect(refusalOf(() => parseSwitch("coordination", odd)).message).toContain("coordination");
    }
  });
});

it("refuses whatever does not fit, and never fails otherwise", () => {
  const text = fc.option(fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constant("x".repeat(60_000))));
  const input = fc.record<Record<keyof NewRecordInput, unknown>>(
    {
      title: text,
      description: text,
      priority: text,
      assigned_to: text,
      severity: text,
      hypothesis: text,
      status: text,
      acceptance_criteria: fc.oneof(text, fc.array(fc.anything())),
      user_story: text,
      evidence: fc.anything(),
      success_metrics: fc.anything(),
      category: text,
      intent: text,
      primary_task: text,
      related: fc.oneof(text, fc.array(fc.string())),
      coordination: fc.oneof(fc.boolean(), text),
      coordination_request_id: text,
      dispatch_id: text,
      labels: fc.option(fc.array(fc.string())),
      external_id: text,
    },
    { requiredKeys: ["title"] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...RECORD_TYPES), input, (type, random) => {
      try {
        newRecord(type, random as NewRecordInput);
      } catch (error) {
        expect(error).toMatchObject({ name: "DomainError", code: "INVALID_INPUT" });
      }
    }),
  );
});
