import { describe, expect, it } from "@jest/globals";
import { inBatches } from "../../../scripts/import/batches.ts";
import type { IssueFile } from "../../../scripts/import/issue-file.ts";
import { planImport } from "../../../scripts/import/plan.ts";
import { importReport, planReport } from "../../../scripts/import/report.ts";

function fileOf(values: Record<string, unknown>[], format: IssueFile["format"] = "jsonl"): IssueFile {
  const rows = values.map((value, index) => ({ place: `line ${index + 1}`, value }));
  return { name: "issues.jsonl", format, rows };
}

const record = (external_id: string, fields: Record<string, unknown> = {}) => ({
  external_id,
  type: "task",
  title: `Title of ${external_id}`,
  status: "open",
  created_at: "2025-10-28T01:53:10Z",
  ...fields,
});

const names = (values: Record<string, unknown>[]) =>
  planImport(fileOf(values)).records.map(({ record: { external_id } }) => external_id);

describe("the plan of an import", () => {
  it("sends features before tasks, so that few edges have to wait", () => {
    expect(names([record("a"), record("b", { type: "feature" }), record("c", { type: "issue" }), record("d")])).toEqual(
      ["b", "c", "a", "d"],
    );
  });

  it("sends tasks first where one is named as a primary task", () => {
    const feature = record("a", { type: "feature", attributes: { primary_task: "b" } });
    const { records } = planImport(fileOf([feature, record("b")]));
    expect(records.map(({ record: { external_id }, primaryTask }) => [external_id, primaryTask])).toEqual([
      ["b", undefined],
      ["a", "b"],
    ]);
  });

  it("takes the last of several records with one id, and tells so", () => {
    const { records, remarks } = planImport(fileOf([record("a"), record("a", { title: "Newer" })]));
    expect(records.map(({ record: { title } }) => title)).toEqual(["Newer"]);
    expect(remarks.altered).toEqual([{ what: "of several issues with one id the last one counts", examples: ["a"] }]);
  });

  it.each([
    ["no title", { title: undefined }, "title"],
    ["a title that is no text", { title: 7 }, "title"],
    ["a blank title", { title: "  " }, "title: must not be blank"],
    ["an unknown type", { type: "story" }, "type"],
    ["a status that means nothing", { status: "weird" }, "status 'weird' has no counterpart for a task"],
    ["a time that is none", { closed_at: "yesterday" }, "closed_at: a time"],
    ["a dependency on itself", { dependencies: [{ external_id: "a", kind: "blocks" }] }, "cannot depend on itself"],
    ["an unknown kind of dependency", { dependencies: [{ external_id: "b", kind: "likes" }] }, "dependencies.0.kind"],
    ["a system-managed attribute", { attributes: { sync_version: 7 } }, "attributes.sync_version"],
  ])("refuses a record with %s, and says where it stands", (_, fields, reason) => {
    const { records, refused } = planImport(fileOf([record("a", fields), record("z")]));
    expect(records.map(({ record: { external_id } }) => external_id)).toEqual(["z"]);
    expect(refused).toEqual([{ external_id: "a", reason: expect.stringContaining("line 1: ") }]);
    expect(refused[0]?.reason).toContain(reason);
  });

  it("refuses a record without an id", () => {
    expect(planImport(fileOf([record(" ")])).refused).toEqual([
      { external_id: "line 1", reason: "line 1: it has no id" },
    ]);
  });
});

describe("the calls of an import", () => {
  it("carry at most 12 records", () => {
    const many = Array.from({ length: 60 }, (_, index) => record(`r${index}`));
    expect(inBatches(planImport(fileOf(many)).records).map(({ length }) => length)).toEqual([12, 12, 12, 12, 12]);
  });

  it("stay below the largest body that the API reads", () => {
    const large = Array.from({ length: 25 }, (_, index) => record(`r${index}`, { description: "ü".repeat(50_000) }));
    const batches = inBatches(planImport(fileOf(large)).records);
    const sizes = batches.map((batch) => Buffer.byteLength(JSON.stringify(batch.map((planned) => planned.record))));
    expect(Math.max(...sizes)).toBeLessThan(1_000_000);
    expect(batches.flat()).toHaveLength(25);
  });

  it("carry a task before the call of a record that names it as its primary task", () => {
    const feature = record("f", { type: "feature", attributes: { primary_task: "b" } });
    const batches = inBatches(planImport(fileOf([feature, record("a"), record("b")])).records);
    expect(batches.map((batch) => batch.map((planned) => planned.record.external_id))).toEqual([["a", "b"], ["f"]]);
  });

  it("carry a bounded number of edges", () => {
    const dependencies = Array.from({ length: 90 }, (_, index) => ({ external_id: `other-${index}`, kind: "blocks" }));
    const tangled = Array.from({ length: 3 }, (_, index) => record(`r${index}`, { dependencies }));
    expect(inBatches(planImport(fileOf(tangled)).records).map(({ length }) => length)).toEqual([1, 1, 1]);
  });
});

describe("the report of an import", () => {
  const plan = planImport(
    fileOf(
      [
        { id: "bd-1", title: "One", status: "open", issue_type: "task", created_at: "2025-01-01T00:00:00Z" },
        {
          id: "bd-2",
          title: "Two",
          status: "pinned",
          issue_type: "bug",
          created_at: "2025-01-01T00:00:00Z",
          dependencies: [
            { issue_id: "bd-2", depends_on_id: "bd-9", type: "blocks" },
            { issue_id: "bd-2", depends_on_id: "bd-1", type: "tracks" },
          ],
        },
        { id: "bd-3", status: "open", issue_type: "task", created_at: "2025-01-01T00:00:00Z" },
      ],
      "beads",
    ),
  );

  it("counts what became of the records, and tells what is not as it was", () => {
    const { text, complete } = importReport(
      plan,
      [
        {
          external_id: "bd-1",
          result: "created",
          record_id: "DEM-TSK-001",
          warnings: ["dependency 'blocks' on DEM-TSK-002 left out: a cycle."],
        },
        { external_id: "bd-2", result: "failed", reason: "no reason" },
      ],
      1.25,
    );
    expect(complete).toBe(false);
    expect(text).toBe(
      [
        "created 1, updated 0, unchanged 0, failed 2 in 1.3 s",
        "To records outside this file (joined as soon as those are there):",
        "  1 x bd-2 blocks bd-9",
        "Came in as something else:",
        '  1 x the status "pinned" is open here: bd-2',
        "Not taken over:",
        '  1 x dependencies of type "tracks": bd-2 -> bd-1',
        "Left out:",
        "  1 x bd-1: dependency 'blocks' on DEM-TSK-002 left out: a cycle.",
        "Failed:",
        "  bd-3: line 3: title: Invalid input: expected string, received undefined",
        "  bd-2: no reason",
      ].join("\n"),
    );
  });

  it("of a dry run says what would come in", () => {
    expect(planReport(plan).split("\n").slice(0, 4)).toEqual([
      "2 records can be imported:",
      "  1 tasks: open 1",
      "  1 issues: open 1",
      "  1 dependencies: blocks 1",
    ]);
  });
});
