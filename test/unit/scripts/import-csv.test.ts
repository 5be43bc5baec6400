import { describe, expect, it } from "@jest/globals";
import { fromCsv } from "../../../scripts/import/csv.ts";
import { Remarks } from "../../../scripts/import/remarks.ts";

function mapped(row: Record<string, string>) {
  const remarks = new Remarks();
  return { draft: fromCsv(row, remarks), remarks };
}

describe("a row of a table", () => {
  it("is read by the names of its columns", () => {
    const row = {
      "issue key": "ENG-1",
      summary: "Pay by card",
      "issue type": "Story",
      state: "In Progress",
      priority: "High",
      tags: "web; pay, ",
      created: "2025-03-01 10:00",
      assignee: "ada",
      "blocked by": "ENG-2,ENG-3",
      parent: "ENG-9",
    };
    const { draft, remarks } = mapped(row);
    expect(draft).toMatchObject({
      external_id: "ENG-1",
      title: "Pay by card",
      type: "feature",
      status: "In Progress",
      priority: "P1",
      labels: ["web", "pay"],
      created_at: "2025-03-01T10:00Z",
      parent: "ENG-9",
      dependencies: [
        { external_id: "ENG-2", kind: "blocks" },
        { external_id: "ENG-3", kind: "blocks" },
      ],
      attributes: { assigned_to: "ada" },
    });
    expect(remarks.lost).toEqual([]);
  });

  it("is an open task unless it says otherwise", () => {
    expect(mapped({ id: "1", title: "x" }).draft).toMatchObject({ type: "task", status: "open" });
  });

  it("tells of columns and priorities that mean nothing here", () => {
    const { remarks } = mapped({ id: "1", title: "x", sprint: "7", mood: "", priority: "someday" });
    expect(remarks.lost.map(({ what }) => what)).toEqual(['the column "sprint"', 'the priority "someday"']);
  });
});
