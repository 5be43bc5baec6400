import { describe, expect, it } from "@jest/globals";
import { granted, released } from "../../../domain/tracker/lease.ts";
import { withReadiness } from "../../../domain/tracker/readiness.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { aRecord } from "../../support/tracker-values.ts";

const NOW = Date.parse("2026-02-03T04:05:06Z");
const where = ({ ready_scope, leased_scope }: TrackerRecord) => {
  if (ready_scope !== undefined && leased_scope !== undefined) return "both";
  if (ready_scope !== undefined) return "ready";
  return leased_scope === undefined ? "neither" : "leased";
};

describe("a record is found as", () => {
  it.each<[what: string, fields: Partial<TrackerRecord>, where: string]>([
    ["an open task", {}, "ready"],
    ["a task in work that nobody holds", { status: "in-progress" }, "ready"],
    ["a deployed task, which is not closed yet", { status: "deployed" }, "ready"],
    ["a closed task", { status: "closed" }, "neither"],
    ["a closed task of older spelling", { status: " Closed" }, "neither"],
    ["a planned feature", { record_type: "feature" }, "ready"],
    ["a completed feature", { record_type: "feature", status: "completed" }, "neither"],
    ["a parked task", { parked_at: "2026-01-01T00:00:00Z" }, "neither"],
    ["a task with an open blocker", { open_blockers: 1 }, "neither"],
    ["a task whose blockers are closed", { open_blockers: 0 }, "ready"],
  ])("%s: %s", (_what, fields, expected) => {
    expect(where(withReadiness(aRecord(fields)))).toBe(expected);
  });

  it("leased while somebody holds it, and ready again after", () => {
    const held = withReadiness(granted(withReadiness(aRecord()), "claude", 60, NOW));
    expect(where(held)).toBe("leased");
    expect(held.ready_rank).toBeUndefined();
    expect(where(withReadiness(released(held)))).toBe("ready");
    expect(where(withReadiness({ ...held, status: "closed" }))).toBe("neither");
  });

  it("nothing, where it is no record", () => {
    expect(where(withReadiness({ ...aRecord(), record_type: "reference" }))).toBe("neither");
  });
});

it("stands among those of its project and type", () => {
  expect(withReadiness(aRecord({ record_type: "issue" })).ready_scope).toBe("enceladus#issue");
});

it("is ordered by priority, then by age, then by id", () => {
  const record = (item_id: string, priority: string | undefined, created_at: string) =>
    withReadiness(aRecord({ item_id, priority, created_at }));
  const best = [
    record("A-TSK-003", " critical ", "2026-01-01T00:00:00Z"),
    record("A-TSK-001", "P0", "2026-01-02T00:00:00Z"),
    record("A-TSK-004", "High", "2026-01-01T00:00:00Z"),
    record("A-TSK-005", "p2", "2026-01-01T00:00:00Z"),
    record("A-TSK-006", "low", "2026-01-01T00:00:00Z"),
    record("A-TSK-007", "P4", "2026-01-01T00:00:00Z"),
    record("A-TSK-002", undefined, "2026-01-01T00:00:00Z"),
    record("A-TSK-008", "constructor", "2026-01-01T00:00:00Z"),
    record("A-TSK-009", "whenever", "2026-01-01T00:00:00Z"),
  ];
  const ranks = best.map(({ ready_rank }) => String(ready_rank));
  expect(ranks.toSorted()).toEqual(ranks);
});
