import { describe, expect, it } from "@jest/globals";
import { granted, released } from "../../../domain/tracker/lease.ts";
import { isBlocked, isOpen, isParked, rankOf, withReadiness } from "../../../domain/tracker/readiness.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { aRecord } from "../../support/tracker-values.ts";

const NOW = Date.parse("2026-02-03T04:05:06Z");
/** Under which keys a record stands: at most under one. */
const where = ({ ready_scope, leased_scope, stalled_scope }: TrackerRecord) => {
  const names = [
    ...(ready_scope === undefined ? [] : ["ready"]),
    ...(leased_scope === undefined ? [] : ["leased"]),
    ...(stalled_scope === undefined ? [] : [String(stalled_scope)]),
  ];
  return names.length === 0 ? "nothing" : names.join(" and ");
};
const BLOCKED = "enceladus#task#blocked";
const PARKED = "enceladus#task#parked";

describe("a record is found as", () => {
  it.each<[what: string, fields: Partial<TrackerRecord>, where: string]>([
    ["an open task", {}, "ready"],
    ["a task in work that nobody holds", { status: "in-progress" }, "ready"],
    ["a deployed task, which is not closed yet", { status: "deployed" }, "ready"],
    ["a closed task", { status: "closed" }, "nothing"],
    ["a closed task of older spelling", { status: " Closed" }, "nothing"],
    ["a planned feature", { record_type: "feature" }, "ready"],
    ["a completed feature", { record_type: "feature", status: "completed" }, "nothing"],
    ["a feature in production", { record_type: "feature", status: "production" }, "nothing"],
    ["a parked task", { parked_at: "2026-01-01T00:00:00Z" }, PARKED],
    ["a task with an open blocker", { open_blockers: ["ENC-TSK-002"] }, BLOCKED],
    ["a task with a blocked parent", { blocked_parents: ["ENC-FTR-002"] }, BLOCKED],
    [
      "a task that is blocked and parked",
      { open_blockers: ["ENC-TSK-002"], parked_at: "2026-01-01T00:00:00Z" },
      BLOCKED,
    ],
    ["a task whose blockers are closed", { open_blockers: [], blocked_parents: [] }, "ready"],
    ["a closed task with an open blocker", { status: "closed", open_blockers: ["ENC-TSK-002"] }, "nothing"],
    ["a closed task that is parked", { status: "closed", parked_at: "2026-01-01T00:00:00Z" }, "nothing"],
    ["a blocked issue", { record_type: "issue", open_blockers: ["ENC-TSK-002"] }, "enceladus#issue#blocked"],
  ])("%s: %s", (_what, fields, expected) => {
    expect(where(withReadiness(aRecord(fields)))).toBe(expected);
  });

  it("leased while somebody holds it, and ready again after", () => {
    const held = withReadiness(granted(withReadiness(aRecord()), "claude", 60, NOW));
    expect(where(held)).toBe("leased");
    expect(held.ready_rank).toBeUndefined();
    expect(where(withReadiness(released(held)))).toBe("ready");
    expect(where(withReadiness({ ...held, status: "closed" }))).toBe("nothing");
  });

  it("leased, not as blocked or parked, while somebody holds it in spite of that", () => {
    const held = granted(
      aRecord({ open_blockers: ["ENC-TSK-002"], parked_at: "2026-01-01T00:00:00Z" }),
      "ada",
      60,
      NOW,
    );
    expect(where(withReadiness(held))).toBe("leased");
    expect(where(withReadiness(released(held)))).toBe(BLOCKED);
    // A lock of an older client, without a lease, ends with nothing that could be looked for.
    const locked = aRecord({ active_agent_session: true });
    expect(where(withReadiness(locked))).toBe("nothing");
  });

  it("nothing, where it is no record", () => {
    expect(where(withReadiness({ ...aRecord(), record_type: "reference" }))).toBe("nothing");
  });
});

it("is open, blocked or parked by what it says itself", () => {
  expect([isOpen(aRecord()), isBlocked(aRecord()), isParked(aRecord())]).toEqual([true, false, false]);
  expect(isOpen(aRecord({ status: "closed" }))).toBe(false);
  expect(isBlocked(aRecord({ open_blockers: ["ENC-TSK-002"] }))).toBe(true);
  expect(isBlocked(aRecord({ blocked_parents: ["ENC-TSK-002"] }))).toBe(true);
  expect(isParked(aRecord({ parked_at: "2026-01-01T00:00:00Z" }))).toBe(true);
});

it("stands among those of its project and type", () => {
  expect(withReadiness(aRecord({ record_type: "issue" })).ready_scope).toBe("enceladus#issue");
});

it("loses the keys that it does not stand under any more", () => {
  const before = withReadiness(aRecord());
  const blocked = withReadiness({ ...before, open_blockers: ["ENC-TSK-002"] });
  expect([blocked.ready_scope, blocked.ready_rank]).toEqual([undefined, undefined]);
  expect(withReadiness({ ...blocked, open_blockers: undefined })).toMatchObject({
    ready_scope: before.ready_scope,
    ready_rank: before.ready_rank,
    stalled_scope: undefined,
  });
});

it("has its priority, age, number and id for its rank", () => {
  const record = aRecord({ item_id: "ENC-TSK-042", priority: "p2", created_at: "2026-01-01T00:00:00Z" });
  expect(rankOf(record)).toBe("2#2026-01-01T00:00:00Z#000000000000042#ENC-TSK-042");
  expect(rankOf({ ...record, priority: "", item_id: "odd", created_at: undefined } as never)).toBe(
    "5##000000000000000#odd",
  );
});

it("is ordered by priority, then by age, then by number, then by id", () => {
  const record = (item_id: string, priority: string | undefined, created_at: string) =>
    withReadiness(aRecord({ item_id, priority, created_at }));
  const best = [
    record("A-TSK-003", " critical ", "2026-01-01T00:00:00Z"),
    record("A-TSK-001", "P0", "2026-01-02T00:00:00Z"),
    record("A-TSK-004", "High", "2026-01-01T00:00:00Z"),
    record("A-TSK-005", "p2", "2026-01-01T00:00:00Z"),
    record("A-TSK-006", "low", "2026-01-01T00:00:00Z"),
    record("A-TSK-007", "P4", "2026-01-01T00:00:00Z"),
    record("A-ISS-099", "P4", "2026-01-02T00:00:00Z"),
    record("A-ISS-1000", "P4", "2026-01-02T00:00:00Z"),
    record("A-TSK-1000", "P4", "2026-01-02T00:00:00Z"),
    record("A-TSK-10001", "P4", "2026-01-02T00:00:00Z"),
    record("A-TSK-002", undefined, "2026-01-01T00:00:00Z"),
    record("A-TSK-008", "constructor", "2026-01-01T00:00:00Z"),
    record("A-TSK-009", "whenever", "2026-01-01T00:00:00Z"),
  ];
  const ranks = best.map(({ ready_rank }) => String(ready_rank));
  expect(ranks.toSorted()).toEqual(ranks);
});
