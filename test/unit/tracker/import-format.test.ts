import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type ImportRecord, imported, importedStatus } from "../../../domain/tracker/import-format.ts";
import { RECORD_TYPES } from "../../../domain/tracker/record.ts";
import { refusalOf } from "../../support/tracker-values.ts";

const issue = (more: Partial<ImportRecord> = {}): ImportRecord => ({
  external_id: "bd-1",
  type: "task",
  title: "Do it",
  status: "open",
  ...more,
});
const attributes = (more: Partial<ImportRecord>) => imported(issue(more)).attributes;
const refused = (more: Partial<ImportRecord>) => refusalOf(() => imported(issue(more))).message;

describe("a status from elsewhere", () => {
  it.each([
    ["task", "open", "open"],
    ["task", "In_Progress", "in-progress"],
    ["task", "merged main", "merged-main"],
    ["task", "todo", "open"],
    ["task", "blocked", "open"],
    ["task", "doing", "in-progress"],
    ["task", "hooked", "in-progress"],
    ["task", "done", "closed"],
    ["task", "tombstone", "closed"],
    ["issue", "completed", "closed"],
    ["issue", "planned", "open"],
    ["feature", "open", "planned"],
    ["feature", "closed", "completed"],
    ["feature", "production", "production"],
  ] as const)("of a %s: %s is %s", (type, foreign, here) => {
    expect(importedStatus(type, foreign)).toBe(here);
  });

  it.each(["someday", "", "constructor", "__proto__", "x".repeat(5_000)])(
    "that means nothing is refused: %s",
    (foreign) => {
      const { message } = refusalOf(() => importedStatus("task", foreign));
      expect(message).toContain("status");
      expect(message.length).toBeLessThan(200);
    },
  );
});

describe("an issue from elsewhere", () => {
  it("has what it says, and nothing that it does not say", () => {
    expect(imported(issue())).toEqual({
      attributes: { external_id: "bd-1", title: "Do it", status: "open" },
      further: {},
      edges: [],
    });
  });

  it("is brought into the form of a record", () => {
    expect(
      attributes({
        title: "  Do it ",
        description: " as it is\n",
        priority: " P1 ",
        labels: [" a ", "a", ""],
        created_at: "2026-01-31T12:00:00.500+01:00",
        updated_at: "2026-02-01",
        closed_at: "2026-02-02T00:00:00Z",
        close_reason: " done ",
        status: "closed",
      }),
    ).toEqual({
      external_id: "bd-1",
      title: "Do it",
      status: "closed",
      description: " as it is\n",
      priority: "P1",
      labels: ["a"],
      created_at: "2026-01-31T11:00:00Z",
      external_updated_at: "2026-02-01T00:00:00Z",
      closed_at: "2026-02-02T00:00:00Z",
      close_reason: "done",
    });
  });

  it.each<[Partial<ImportRecord>, string]>([
    [{ title: "  " }, "title"],
    [{ title: "x".repeat(501) }, "title"],
    [{ external_id: "x".repeat(501) }, "external_id"],
    [{ description: "x".repeat(50_001) }, "description"],
    [{ labels: ["x".repeat(65)] }, "labels"],
    [{ created_at: "yesterday" }, "created_at"],
    [{ created_at: "2026-13-01T00:00:00Z" }, "created_at"],
    [{ updated_at: "1 Jan 2026" }, "updated_at"],
    [{ closed_at: "275760-09-13T00:00:00Z" }, "closed_at"],
    [{ parent: "x".repeat(3_000) }, "parent"],
    [{ attributes: { sync_version: 7 } }, "sync_version"],
    [{ attributes: { fence: 7 } }, "fence"],
    [{ attributes: { history: ["x"] } }, "history"],
    [{ attributes: { title: "y" } }, "title"],
    [{ attributes: { active_agent_session: true } }, "active_agent_session"],
    [{ attributes: { owners: [1e300] } }, "owners"],
  ])("is refused for %j", (more, field) => {
    expect(refused(more)).toContain(field);
  });
});

describe("its dependencies", () => {
  const edges = (more: Partial<ImportRecord>) => imported(issue(more)).edges;

  it("are each there once; the parent comes last", () => {
    const blocks = { external_id: "bd-2", kind: "blocks" } as const;
    const other = { external_id: "bd-3", kind: "parent" } as const;
    const parent = { external_id: "bd-4", kind: "parent" } as const;
    const aside = { ...other, aside: true };
    expect(edges({ parent: " bd-4 ", dependencies: [parent, blocks, other, blocks] })).toEqual([blocks, aside, parent]);
    expect(edges({ dependencies: [other, parent] })).toEqual([other, parent]);
    const abroad = { ...parent, in_another_project: true };
    expect(edges({ parent: "bd-4", dependencies: [abroad, blocks] })).toEqual([blocks, abroad]);
    expect(edges({ parent: "  " })).toEqual([]);
  });

  it("are not on itself, and at most a hundred", () => {
    expect(refused({ parent: "bd-1" })).toContain("itself");
    const many = Array.from({ length: 101 }, (_, index) => ({ external_id: `x-${index}`, kind: "blocks" as const }));
    expect(refused({ dependencies: many })).toContain("at most 100");
    expect(edges({ dependencies: many.slice(1) })).toHaveLength(100);
  });
});

it("whatever comes from elsewhere is taken over or refused", () => {
  const text = fc.option(fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.constant("x".repeat(60_000))));
  const random = fc.record({
    external_id: fc.string({ minLength: 1 }),
    type: fc.constantFrom(...RECORD_TYPES),
    title: fc.string(),
    status: fc.oneof(fc.constantFrom("open", "closed", "done"), fc.string()),
    description: text,
    priority: text,
    labels: fc.option(fc.array(fc.string())),
    created_at: text,
    closed_at: text,
    parent: text,
    attributes: fc.option(
      fc.dictionary(
        fc.oneof(fc.constantFrom("evidence", "acceptance_criteria", "update", "owners", "parent"), fc.string()),
        fc.jsonValue(),
      ),
    ),
  });
  fc.assert(
    fc.property(random, (input) => {
      try {
        imported(input);
      } catch (error) {
        expect(error).toMatchObject({ name: "DomainError", code: "INVALID_INPUT" });
      }
    }),
    { numRuns: 300 },
  );
});
