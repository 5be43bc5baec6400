import { describe, expect, it } from "@jest/globals";
import { fromBeads } from "../../../scripts/import/beads.ts";
import { Remarks } from "../../../scripts/import/remarks.ts";

const ISSUE = {
  id: "bd-1",
  title: "A title",
  description: "What it is about",
  status: "open",
  priority: 2,
  issue_type: "task",
  created_at: "2025-10-28T01:53:10Z",
  updated_at: "2026-02-27T02:56:51Z",
};

function mapped(fields: Record<string, unknown> = {}) {
  const remarks = new Remarks();
  return { draft: fromBeads({ ...ISSUE, ...fields }, remarks), remarks };
}

describe("an issue of beads", () => {
  it("keeps its id as the external id, and its texts and dates as they are", () => {
    const closing = { status: "closed", closed_at: "2026-02-27T02:56:51Z", close_reason: "Done" };
    const { draft, remarks } = mapped({ ...closing, labels: ["dolt", "solo-ux"] });
    expect(draft).toMatchObject({
      external_id: "bd-1",
      title: "A title",
      description: "What it is about",
      created_at: "2025-10-28T01:53:10Z",
      updated_at: "2026-02-27T02:56:51Z",
      labels: ["dolt", "solo-ux"],
      ...closing,
    });
    expect([remarks.lost, remarks.altered]).toEqual([[], []]);
  });

  it.each([
    ["bug", "issue", "bug"],
    ["feature", "feature", undefined],
    ["epic", "feature", "epic"],
    ["task", "task", undefined],
    ["chore", "task", "chore"],
    ["agent", "task", "agent"],
  ])("of the type %s is a %s here, of the category %s", (issue_type, type, category) => {
    const { draft } = mapped({ issue_type });
    expect(draft?.type).toBe(type);
    expect((draft?.attributes as { category?: string } | undefined)?.category).toBe(category);
  });

  it("tells of types that are unknown here", () => {
    const { remarks } = mapped({ issue_type: "convoy" });
    expect(remarks.altered).toEqual([{ what: 'the type "convoy" is a task here', examples: ["bd-1"] }]);
  });

  it.each([0, 1, 2, 3, 4])("of the priority %i is P%i here", (priority) => {
    expect(mapped({ priority }).draft?.priority).toBe(`P${priority}`);
  });

  it("tells of a priority that there is not", () => {
    const { draft, remarks } = mapped({ priority: 9 });
    expect(draft?.priority).toBeUndefined();
    expect(remarks.lost).toEqual([{ what: 'the priority "9"', examples: ["bd-1"] }]);
  });

  it.each([
    ["pinned", "open"],
    ["hooked", "in-progress"],
    ["blocked", "open"],
  ])("tells that the status %s becomes %s", (status, here) => {
    const { draft, remarks } = mapped({ status });
    expect(draft?.status).toBe(status);
    expect(remarks.altered[0]?.what).toBe(`the status "${status}" is ${here} here`);
  });

  it.each([
    ["blocks", "blocks"],
    ["parent-child", "parent"],
    ["related", "related"],
    ["relates-to", "related"],
    ["discovered-from", "discovered_from"],
  ])("depends on another by %s: the edge %s leads from it to the other", (type, kind) => {
    const { draft } = mapped({ dependencies: [{ issue_id: "bd-1", depends_on_id: "bd-2", type }] });
    expect(draft?.dependencies).toEqual([{ external_id: "bd-2", kind }]);
  });

  it.each([
    ["an unknown type", { issue_id: "bd-1", depends_on_id: "x", type: "tracks" }, 'dependencies of type "tracks"'],
    [
      "a type that is a word of JavaScript",
      { depends_on_id: "x", type: "toString" },
      'dependencies of type "toString"',
    ],
    ["itself", { issue_id: "bd-1", depends_on_id: "bd-1", type: "blocks" }, "dependencies of an issue on itself"],
    ["nothing", { issue_id: "bd-1", type: "blocks" }, "dependencies on nothing"],
    [
      "behalf of another issue",
      { issue_id: "bd-9", depends_on_id: "bd-2", type: "blocks" },
      "dependencies that stand at another issue than their own",
    ],
  ])("leaves out a dependency on %s and tells so", (_, dependency, what) => {
    const { draft, remarks } = mapped({ dependencies: [dependency] });
    expect(draft?.dependencies).toEqual([]);
    expect(remarks.lost.map((remark) => remark.what)).toEqual([what]);
  });

  it("keeps assignee, design, notes and criteria as attributes", () => {
    const { draft } = mapped({
      assignee: "ada",
      design: "How",
      notes: "What was done",
      acceptance_criteria: "- [ ] builds\n- [x] passes\n",
      estimated_minutes: 30,
    });
    expect(draft?.attributes).toEqual({
      assigned_to: "ada",
      technical_notes: ["How", "What was done"],
      acceptance_criteria: ["builds", "passes"],
      estimated_minutes: 30,
    });
  });

  it("takes criteria that are no list for one criterion", () => {
    const { draft } = mapped({ acceptance_criteria: "It builds.\nIt passes." });
    expect(draft?.attributes).toEqual({ acceptance_criteria: ["It builds.\nIt passes."] });
  });

  it("tells of fields that have no place here, unless they are empty", () => {
    const { remarks } = mapped({ comments: [{ text: "hello" }], reactions: [], pinned: false });
    expect(remarks.lost).toEqual([{ what: 'the field "comments"', examples: ["bd-1"] }]);
  });

  it("leaves out labels that are too long or too many", () => {
    const many = Array.from({ length: 40 }, (_, index) => `label-${index}`);
    const { draft, remarks } = mapped({ labels: ["x".repeat(65), ...many, "label-1"] });
    expect(draft?.labels).toEqual(many.slice(0, 32));
    expect(remarks.lost.map(({ what }) => what)).toEqual([
      "labels of more than 64 characters",
      "labels beyond the first 32",
    ]);
  });

  it("is no line of another kind", () => {
    const { draft, remarks } = mapped({ _type: "memory" });
    expect(draft).toBeUndefined();
    expect(remarks.lost[0]?.what).toBe('lines of type "memory"');
  });
});
