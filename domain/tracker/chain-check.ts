import { isSet } from "node:util/types";
import { entryHash, GENESIS_HASH } from "@enceladus/shared/history-chain";
import type { HistoryEntry } from "./history.ts";
import type { TrackerRecord } from "./record.ts";

/** A record as far as its chain is concerned. */
export type ChainedRecord = Pick<TrackerRecord, "project_id" | "record_id" | "history_seq" | "history_hash">;

/** An entry as the one behind it and the head of its record refer to it. */
export interface ChainLink {
  seq: number;
  hash: string | undefined;
}

/** What the first entry of a chain follows. */
export const BEFORE_FIRST: ChainLink = { seq: 0, hash: GENESIS_HASH };

/** Where a chain is broken first, and how, in a sentence. */
export interface ChainBreak {
  seq: number;
  reason: string;
}

/** Where the chain of a record ends, as the record says; at 0 where it says nothing: written before there were chains. */
export function headOf({ history_seq: seq, history_hash: hash }: ChainedRecord): ChainLink {
  return typeof seq === "number" && Number.isSafeInteger(seq) && seq > 0 ? { seq, hash } : { ...BEFORE_FIRST };
}

/** Canonical JSON has no word for the sets and bytes of the database: they would hash like something else. */
function isJson(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return !isSet(value) && !ArrayBuffer.isView(value) && Object.values(value).every(isJson);
}

function fitsItsHash({ hash, ...rest }: HistoryEntry): boolean {
  return isJson(rest) && entryHash(rest) === hash;
}

/** What is wrong with an entry in its place. */
function faultOf(entry: HistoryEntry, record: ChainedRecord, before: ChainLink, newest: number): string | undefined {
  const seq = before.seq + 1;
  const head = headOf(record);
  if (entry.seq !== seq) return `Entry ${entry.seq} stands where entry ${seq} should be.`;
  if (entry.project_id !== record.project_id || entry.record_id !== record.record_id) {
    return `Entry ${seq} belongs to another record.`;
  }
  if (entry.prev_hash !== before.hash) {
    return seq === 1
      ? "Entry 1 does not begin a chain: its prev_hash is not 64 zeros."
      : `Entry ${seq} does not follow entry ${before.seq}: its prev_hash is not the hash of that entry.`;
  }
  if (!fitsItsHash(entry)) return `Entry ${seq} was changed: its hash does not fit what it says.`;
  if (seq > newest) return `Entry ${seq} was not written with the record, whose newest entry is ${newest}.`;
  if (seq === head.seq && entry.hash !== head.hash) return `Entry ${seq} is not the one that the record names by hash.`;
  return undefined;
}

export interface RunOptions {
  /** The entry before the run; by default the run begins the chain. */
  before?: ChainLink;
  /** Whether the chain ends with the run; default yes. */
  isEnd?: boolean;
  /** The newest entry that the record may have by now, where the chain was read after the record; default its head. */
  newest?: number;
}

/**
 * Where a run of entries is broken first: an entry is missing, out of place, of another record, changed, or not what the
 * record's head names.
 * @param run entries as they are stored, oldest first
 * @param record as it was when, or before, the run was read
 */
export function firstBreak(
  run: readonly HistoryEntry[],
  record: ChainedRecord,
  { before = BEFORE_FIRST, isEnd = true, newest = headOf(record).seq }: RunOptions = {},
): ChainBreak | undefined {
  let last = before;
  for (const entry of run) {
    const reason = faultOf(entry, record, last, newest);
    if (reason) return { seq: last.seq + 1, reason };
    last = entry;
  }
  const { seq } = headOf(record);
  if (!isEnd || last.seq >= seq) return undefined;
  const reason = `Entry ${last.seq + 1} is missing: the chain ends before it, and the record names entry ${seq}.`;
  return { seq: last.seq + 1, reason };
}
