import { entryHash } from "@enceladus/shared/history-chain";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type ChainedRecord, firstBreak, headOf } from "../../../domain/tracker/chain-check.ts";
import { type HistoryEntry, nextEntry, withHead } from "../../../domain/tracker/history.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { firstBreak as breakSeenByAnAuditor } from "../../support/history-chain.ts";
import { aRecord, aWriter } from "../../support/tracker-values.ts";

const NOW = "2026-02-03T04:05:06Z";

interface Change {
  value: unknown;
  note?: string | undefined;
  reason?: string | undefined;
}

/** A record with a change for each of these, and the chain that they have left. */
function lived(changes: readonly Change[]): { record: TrackerRecord; chain: HistoryEntry[] } {
  let record: TrackerRecord | undefined;
  const chain = changes.map(({ value, note, reason }) => {
    const after = { ...(record ?? aRecord()), priority: value } as TrackerRecord;
    const draft = {
      operation: "update",
      ...(reason && { reason }),
      ...(note !== undefined && { note: { status: "worklog", description: note } as const }),
    };
    const entry = nextEntry(record, after, draft, aWriter(), NOW);
    record = withHead(after, entry);
    return entry;
  });
  return { record: record ?? aRecord(), chain };
}

const { record, chain } = lived(["P0", "P1", "P2", "P3", "P0"].map((value) => ({ value, note: `now ${value}` })));
const [first, second, third, fourth, fifth] = chain as [
  HistoryEntry,
  HistoryEntry,
  HistoryEntry,
  HistoryEntry,
  HistoryEntry,
];

/** An entry with another content, hashed as if it had always had it. */
function forged(entry: HistoryEntry, change: Partial<HistoryEntry>): HistoryEntry {
  const { hash: _, ...rest } = { ...entry, ...change };
  return { ...rest, hash: entryHash(rest) };
}

describe("a chain that nobody has touched", () => {
  it("is not broken, at whatever entry a run of it ends or begins", () => {
    expect(firstBreak(chain, record)).toBeUndefined();
    for (let length = 0; length <= chain.length; length += 1) {
      const before = chain[length - 1];
      expect(firstBreak(chain.slice(0, length), record, { isEnd: false })).toBeUndefined();
      expect(firstBreak(chain.slice(length), record, { ...(before && { before }) })).toBeUndefined();
    }
  });

  it("may be missing where the record was written before there were chains", () => {
    expect(firstBreak([], aRecord({ sync_version: 7 }))).toBeUndefined();
  });

  it("may have grown since the record was read, as far as the record has by now", () => {
    const older = { ...record, history_seq: 3, history_hash: third.hash };
    expect(firstBreak(chain, older, { newest: 5 })).toBeUndefined();
    expect(firstBreak(chain, older, { newest: 9 })).toBeUndefined();
    expect(firstBreak(chain, older, { newest: 4 })?.seq).toBe(5);
  });
});

const nobody = { status: "worklog", description: "Nobody was here", timestamp: NOW } as const;

describe("a chain is broken", () => {
  it.each<[what: string, chain: readonly HistoryEntry[], seq: number, reason: RegExp]>([
    ["by a changed value", chain.with(2, { ...third, changes: [] }), 3, /^Entry 3 was changed/],
    ["by a changed note", chain.with(0, { ...first, note: nobody }), 1, /^Entry 1 was changed/],
    ["by something added", chain.with(1, { ...second, reason: "x" }), 2, /^Entry 2 was changed/],
    ["by an edited hash", chain.with(3, { ...fourth, hash: "0".repeat(64) }), 4, /^Entry 4 was changed/],
    ["by an edited prev_hash", chain.with(3, { ...fourth, prev_hash: first.hash }), 4, /does not follow entry 3/],
    ["by an edited prev_hash of the first", chain.with(0, { ...first, prev_hash: "" }), 1, /does not begin a chain/],
    ["by a removed entry", chain.toSpliced(2, 1), 3, /^Entry 4 stands where entry 3 should be/],
    ["by a removed first entry", chain.slice(1), 1, /^Entry 2 stands where entry 1 should be/],
    ["by a removed last entry", chain.slice(0, -1), 5, /^Entry 5 is missing/],
    ["by all entries being removed", [], 1, /^Entry 1 is missing/],
    ["by two that are swapped", [first, third, second, fourth, fifth], 2, /^Entry 3 stands where entry 2 should be/],
    ["by two that have changed places and numbers", [first, { ...third, seq: 2 }, { ...second, seq: 3 }], 2, /follow/],
    ["by an inserted entry", chain.toSpliced(2, 0, forged(second, { seq: 2.5 })), 3, /^Entry 2.5 stands where/],
    [
      "by an inserted entry, those behind it renumbered",
      [first, second, forged(second, { seq: 3, prev_hash: second.hash }), { ...third, seq: 4 }],
      4,
      /does not follow/,
    ],
    [
      "by an entry behind the last",
      [...chain, forged(fifth, { seq: 6, prev_hash: fifth.hash })],
      6,
      /not written with/,
    ],
    [
      "by an edit that is hashed again, at the entry behind",
      chain.with(2, forged(third, { actor: "x" })),
      4,
      /does not follow/,
    ],
    [
      "by an edit of the last that is hashed again, at what the record says",
      chain.with(4, forged(fifth, { actor: "x" })),
      5,
      /not the one that the record names/,
    ],
    ["by an entry of another record", chain.with(0, forged(first, { record_id: "task#X" })), 1, /another record/],
    ["by an entry of another project", chain.with(0, forged(first, { project_id: "x" })), 1, /another record/],
  ])("%s", (_what, edited, seq, reason) => {
    expect(firstBreak(edited, record)).toEqual({ seq, reason: expect.stringMatching(reason) });
  });

  it.each<[what: string, head: Partial<TrackerRecord>, seq: number]>([
    ["another hash", { history_hash: first.hash }, 5],
    ["no hash", { history_hash: undefined }, 5],
    ["an entry that is not there", { history_seq: 6 }, 6],
    ["an older entry", { history_seq: 4, history_hash: fourth.hash }, 5],
    ["no entry", { history_seq: undefined, history_hash: undefined }, 1],
    ["something else", { history_seq: "5" as never }, 1],
    ["a part of an entry", { history_seq: 4.5 }, 1],
  ])("by a head that names %s", (_what, head, seq) => {
    expect(firstBreak(chain, { ...record, ...head })?.seq).toBe(seq);
  });

  it("by a value of a kind that JSON has no word for, though its hash would be the same", () => {
    const empty = lived([{ value: {} }]);
    for (const value of [new Set(["P0"]), new Uint8Array([1])]) {
      const changes = [{ field: "priority", from: null, to: value }];
      const entry = forged(empty.chain[0] as HistoryEntry, { changes });
      expect(firstBreak([entry], { ...empty.record, history_hash: entry.hash })?.reason).toMatch(/was changed/);
    }
  });

  it("says so in one sentence that names the entry", () => {
    const { reason } = firstBreak(chain.slice(0, -1), record) ?? {};
    expect(reason).toBe("Entry 5 is missing: the chain ends before it, and the record names entry 5.");
  });
});

describe("the head of a record", () => {
  it("is what it names; nothing where it names none", () => {
    expect(headOf(record)).toEqual({ seq: 5, hash: fifth.hash });
    expect(headOf(aRecord())).toEqual({ seq: 0, hash: "0".repeat(64) });
  });
});

const life = fc.array(
  fc.record({
    value: fc.jsonValue({ maxDepth: 2 }),
    note: fc.option(fc.string({ unit: "grapheme", maxLength: 20 }), { nil: undefined }),
    reason: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 8 },
);

const differs = (left: unknown, right: unknown) => JSON.stringify(left) !== JSON.stringify(right);

describe("of any record", () => {
  it("the chain is whole, for an auditor who has written a check of his own too", () => {
    fc.assert(
      fc.property(life, (changes) => {
        const { record, chain } = lived(changes);
        expect(firstBreak(chain, record)).toBeUndefined();
        expect(breakSeenByAnAuditor(chain)).toBeUndefined();
      }),
    );
  });

  it("a change of any one field of any entry is found at that entry", () => {
    const fields = Object.keys({ ...first, reason: "", extra: "" });
    fc.assert(
      fc.property(
        life,
        fc.nat(),
        fc.constantFrom(...fields),
        fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined)),
        (changes, place, field, value) => {
          const { record, chain } = lived(changes);
          const index = place % chain.length;
          const entry = chain[index] as HistoryEntry;
          fc.pre(differs((entry as unknown as Record<string, unknown>)[field], value));
          const edited = chain.with(index, { ...entry, [field]: value });
          expect(firstBreak(edited, record)?.seq).toBe(index + 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a change of any one field that is hashed again is found there or at the entry behind", () => {
    const fields = ["at", "actor", "channel", "operation", "changes", "reason", "note", "extra"];
    fc.assert(
      fc.property(life, fc.nat(), fc.constantFrom(...fields), fc.string(), (changes, place, field, value) => {
        const { record, chain } = lived(changes);
        const index = place % chain.length;
        const entry = chain[index] as HistoryEntry;
        fc.pre(differs((entry as unknown as Record<string, unknown>)[field], value));
        const seq = firstBreak(chain.with(index, forged(entry, { [field]: value })), record)?.seq;
        expect(seq).toBe(Math.min(index + 2, chain.length));
      }),
    );
  });

  it("what is taken out, doubled or swapped is found, and so is a head that names anything else", () => {
    fc.assert(
      fc.property(life, fc.nat(), fc.nat(), (changes, one, other) => {
        const { record, chain } = lived(changes);
        const [left, right] = [one % chain.length, other % chain.length].toSorted((a, b) => a - b) as [number, number];
        expect(firstBreak(chain.toSpliced(left, 1), record)?.seq).toBe(left + 1);
        expect(firstBreak(chain.toSpliced(left, 0, chain[left] as HistoryEntry), record)?.seq).toBe(left + 2);
        const head: ChainedRecord = { ...record, history_seq: right + 1 };
        expect(firstBreak(chain, head)?.seq).toBe(right + 1 === chain.length ? undefined : right + 1);
        if (left === right) return;
        const swapped = chain.with(left, chain[right] as HistoryEntry).with(right, chain[left] as HistoryEntry);
        expect(firstBreak(swapped, record)?.seq).toBe(left + 1);
      }),
    );
  });
});
