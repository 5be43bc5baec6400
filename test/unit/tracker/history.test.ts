import { createHash } from "node:crypto";
import { describeChanges, entryHash } from "@enceladus/shared/history-chain";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  carriesWholeHistory,
  type HistoryEntry,
  inlineHistory,
  nextEntry,
  withHead,
} from "../../../domain/tracker/history.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { firstBreak } from "../../support/history-chain.ts";
import { aRecord, aWriter } from "../../support/tracker-values.ts";

const NOTHING_ELSE: ReadonlySet<string> = new Set();
const NOW = "2026-02-03T04:05:06Z";
const agent = aWriter({
  provider: "claude",
  channel: "mcp_server",
  authMode: "internal-key",
  principal: "internal-key",
});

describe("an entry", () => {
  it("says who changed what through what, and chains to nothing at first", () => {
    const before = aRecord();
    const after = { ...before, status: "in-progress", priority: "P0" };
    const note = { status: "worklog", description: "Started" } as const;
    const entry = nextEntry(before, after, { operation: "status", note, reason: "asked for" }, agent, NOW);
    expect(entry).toEqual({
      project_id: "enceladus",
      record_id: "task#ENC-TSK-001",
      seq: 1,
      at: NOW,
      actor: "internal-key",
      channel: "mcp_server",
      operation: "status",
      changes: [
        { field: "priority", from: null, to: "P0" },
        { field: "status", from: "open", to: "in-progress" },
      ],
      reason: "asked for",
      note: { timestamp: NOW, ...note },
      prev_hash: "0".repeat(64),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("of a new record tells all of it", () => {
    const record = aRecord({ priority: "P0" });
    const { changes } = nextEntry(undefined, record, { operation: "create" }, agent, NOW);
    expect(changes.every(({ from }) => from === null)).toBe(true);
    expect(changes.map(({ field }) => field)).toEqual(
      Object.keys(record)
        .filter((field) => !["sync_version", "updated_at"].includes(field))
        .sort(),
    );
  });

  it("has neither reason nor note where none was given", () => {
    const entry = nextEntry(undefined, aRecord(), { operation: "note" }, agent, NOW);
    expect(entry).not.toHaveProperty("reason");
    expect(entry).not.toHaveProperty("note");
  });

  it("hashes its canonical JSON without the hash, as anybody can recompute", () => {
    const { hash, ...rest } = nextEntry(undefined, aRecord({ title: "é😀" }), { operation: "create" }, agent, NOW);
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([k, v]) => [k, sorted(v)]),
      );
    };
    expect(
      createHash("sha256")
        .update(JSON.stringify(sorted(rest)))
        .digest("hex"),
    ).toBe(hash);
    expect(entryHash(rest)).toBe(hash);
  });
});

describe("the changes of an entry", () => {
  it("leave out stamps, index keys and the chain's own head", () => {
    const before = aRecord({
      ready_scope: "a",
      ready_rank: "1",
      history_seq: 1,
      history_hash: "x",
      last_update_note: "a",
    });
    const after = {
      ...before,
      updated_at: NOW,
      sync_version: 2,
      write_source: undefined,
      last_update_note: "b",
      history_seq: 2,
      history_hash: "y",
      history_notes: 1,
      history_recent: [],
      ready_scope: undefined,
      ready_rank: undefined,
      leased_scope: "b",
      stalled_scope: "c",
      pending_scope: "pending",
      row_version: 3,
      open_blockers: ["ENC-TSK-002"],
      blocked_parents: ["ENC-TSK-003"],
      has_dependants: true,
    };
    expect(nextEntry(before, after, { operation: "update" }, agent, NOW).changes).toEqual([]);
  });

  it("compare values, not how they are written", () => {
    const before = aRecord({ owners: ["a"], extra: { b: 1, a: 2 } });
    expect(describeChanges(before, { ...before, owners: ["a"], extra: { a: 2, b: 1 } }, NOTHING_ELSE)).toEqual([]);
    expect(describeChanges(before, { ...before, owners: undefined }, NOTHING_ELSE)).toEqual([
      { field: "owners", from: ["a"], to: null },
    ]);
  });

  it("tell sets of older rows as sorted lists", () => {
    const before = aRecord({ related_task_ids: new Set(["B", "A"]) });
    expect(describeChanges(before, { ...before, related_task_ids: ["B", "A", "C"] }, NOTHING_ELSE)).toEqual([
      { field: "related_task_ids", from: ["A", "B"], to: ["B", "A", "C"] },
    ]);
  });

  it("name large values by their hash", () => {
    const description = "x".repeat(5_000);
    const [change] = describeChanges(aRecord(), aRecord({ description }), NOTHING_ELSE);
    const sha256 = createHash("sha256").update(JSON.stringify(description)).digest("hex");
    expect(change).toEqual({ field: "description", from: null, to: { sha256, bytes: 5_002 } });
  });
});

describe("the notes that a record carries", () => {
  const noted = (record: TrackerRecord, description: string | undefined) => {
    const note = description === undefined ? {} : { note: { status: "worklog", description } as const };
    return withHead(record, nextEntry(record, record, { operation: "log", ...note }, agent, NOW));
  };
  const texts = (record: TrackerRecord) => record.history_recent?.map(({ description }) => description);

  it("are all of them at first", () => {
    let record = aRecord();
    for (const text of ["a", undefined, "b"]) record = noted(record, text);
    expect(texts(record)).toEqual(["a", "b"]);
    expect(record).toMatchObject({ history_seq: 3, history_notes: 2 });
    expect(carriesWholeHistory(record)).toBe(true);
  });

  it("are the newest ones, bounded in number", () => {
    let record = aRecord();
    for (let count = 1; count <= 30; count += 1) record = noted(record, `note ${count}`);
    expect(texts(record)).toEqual(Array.from({ length: 20 }, (_, index) => `note ${index + 11}`));
    expect(record.history_notes).toBe(30);
    expect(carriesWholeHistory(record)).toBe(false);
  });

  it("are bounded in size, and without a gap", () => {
    let record = noted(aRecord(), "short");
    record = noted(record, "x".repeat(10_000));
    expect(texts(record)).toEqual([]);
    record = noted(record, "after");
    expect(texts(record)).toEqual(["after"]);
    expect(carriesWholeHistory(record)).toBe(false);
  });

  it("of a row written before there was a chain stand in the row", () => {
    const history = [{ timestamp: NOW, status: "created", description: "Created" }];
    expect(inlineHistory(aRecord({ history }))).toEqual(history);
    for (const odd of [undefined, null, "text", {}]) expect(inlineHistory(aRecord({ history: odd }))).toEqual([]);
  });
});

/** A record's life as random changes of some attributes. */
const life = fc.array(
  fc.record({
    field: fc.constantFrom("status", "priority", "description", "owners"),
    value: fc.jsonValue({ maxDepth: 2 }),
    note: fc.option(fc.string({ unit: "grapheme", maxLength: 20 }), { nil: undefined }),
    reason: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 8 },
);

type Life = typeof life extends fc.Arbitrary<infer Value> ? Value : never;

function lived(changes: Life): HistoryEntry[] {
  let record: TrackerRecord | undefined;
  return changes.map(({ field, value, note, reason }) => {
    const after = { ...(record ?? aRecord()), [field]: value };
    const draft = {
      operation: "update",
      ...(reason && { reason }),
      ...(note !== undefined && { note: { status: "worklog", description: note } as const }),
    };
    const entry = nextEntry(record, after, draft, agent, NOW);
    record = withHead(after, entry);
    return entry;
  });
}

/** An entry with one of its parts changed, added or taken away. */
const EDITS: ((entry: HistoryEntry) => Record<string, unknown>)[] = [
  ({ seq }) => ({ seq: seq + 1 }),
  () => ({ at: "2026-02-03T04:05:07Z" }),
  () => ({ actor: "somebody else" }),
  () => ({ channel: "tracker_cli" }),
  () => ({ operation: "create" }),
  ({ changes }) => ({ changes: [...changes, { field: "title", from: null, to: "forged" }] }),
  ({ reason = "" }) => ({ reason: `${reason}!` }),
  ({ note }) => ({ note: { timestamp: NOW, status: "worklog", description: `${note?.description ?? ""}!` } }),
  () => ({ record_id: "task#ENC-TSK-002" }),
  () => ({ project_id: "another" }),
  ({ prev_hash }) => ({ prev_hash: prev_hash.replace(/^./, otherDigit) }),
  ({ hash }) => ({ hash: hash.replace(/^./, otherDigit) }),
  () => ({ extra: true }),
];

function otherDigit(digit: string): string {
  return digit === "0" ? "1" : "0";
}

function tampered(entry: HistoryEntry, how: number): HistoryEntry {
  return { ...entry, ...EDITS[how % EDITS.length]?.(entry) };
}

describe("a chain", () => {
  it("verifies, whatever has happened to its record", () => {
    fc.assert(fc.property(life, (changes) => expect(firstBreak(lived(changes))).toBeUndefined()));
  });

  it("is broken by any edit of any entry, at that entry or behind it", () => {
    fc.assert(
      fc.property(life, fc.nat(), fc.nat(), (changes, place, how) => {
        const chain = lived(changes);
        const index = place % chain.length;
        const edited = chain.with(index, tampered(chain[index] as HistoryEntry, how));
        expect(firstBreak(edited)).toBe(index + 1);
      }),
    );
  });

  it("is broken by an edit that is hashed again, at the entry behind it", () => {
    fc.assert(
      fc.property(life, fc.nat(), (changes, place) => {
        const chain = lived(changes);
        if (chain.length < 2) return;
        const index = place % (chain.length - 1);
        const { hash: _, ...rest } = tampered(chain[index] as HistoryEntry, 2);
        expect(firstBreak(chain.with(index, { ...rest, hash: entryHash(rest) }))).toBe(index + 2);
      }),
    );
  });

  it("is broken by an entry that is taken out, doubled or swapped", () => {
    fc.assert(
      fc.property(life, fc.nat(), (changes, place) => {
        const chain = lived(changes);
        if (chain.length < 3) return;
        const index = place % (chain.length - 2);
        expect(firstBreak(chain.toSpliced(index, 1))).toBe(index + 1);
        expect(firstBreak(chain.toSpliced(index, 0, chain[index] as HistoryEntry))).toBe(index + 2);
        const [one, two] = [chain[index] as HistoryEntry, chain[index + 1] as HistoryEntry];
        expect(firstBreak(chain.with(index, two).with(index + 1, one))).toBe(index + 1);
      }),
    );
  });
});
