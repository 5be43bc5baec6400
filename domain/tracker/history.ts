import { type AttributeChange, describeChanges, entryHash, GENESIS_HASH } from "@enceladus/shared/history-chain";
import type { Writer } from "./attribution.ts";
import type { HistoryNote, TrackerRecord } from "./record.ts";

/** What an operation says of the change it makes. */
export interface EntryDraft {
  /** What was done: `create`, `update`, `status`, `checkout`, ... */
  operation: string;
  reason?: string;
  /** The note in the old shape; a change without one is in the chain only. */
  note?: Omit<HistoryNote, "timestamp">;
  /** Whether the note becomes `last_update_note`; default yes. */
  keepsLastNote?: boolean;
}

/** One committed change of a record. `hash` covers everything else in it. */
export interface HistoryEntry {
  project_id: string;
  record_id: string;
  /** Rises by one from 1. */
  seq: number;
  at: string;
  actor: string;
  channel: string;
  operation: string;
  changes: AttributeChange[];
  reason?: string;
  note?: HistoryNote;
  prev_hash: string;
  hash: string;
}

/** Attributes that say nothing about the work: stamps, index keys, the chain's own head. */
const HOUSEKEEPING = new Set([
  "updated_at",
  "sync_version",
  "write_source",
  "last_update_note",
  "history_seq",
  "history_hash",
  "history_notes",
  "history_recent",
  "ready_scope",
  "ready_rank",
  "leased_scope",
  "stalled_scope",
  "pending_scope",
  "imported_version",
  "row_version",
  "open_blockers",
  "blocked_parents",
  "has_dependants",
]);

/**
 * The next entry of a record's chain.
 * @param before the record as read; undefined when the entry is its first
 * @param after the record as it will be, without the new head
 */
export function nextEntry(
  before: TrackerRecord | undefined,
  after: TrackerRecord,
  draft: EntryDraft,
  writer: Writer,
  now: string,
): HistoryEntry {
  const entry: Omit<HistoryEntry, "hash"> = {
    project_id: after.project_id,
    record_id: after.record_id,
    seq: (before?.history_seq ?? 0) + 1,
    at: now,
    actor: writer.principal,
    channel: writer.channel,
    operation: draft.operation,
    changes: describeChanges(before, after, HOUSEKEEPING),
    ...(draft.reason && { reason: draft.reason }),
    ...(draft.note && { note: { timestamp: now, ...draft.note } }),
    prev_hash: before?.history_hash ?? GENESIS_HASH,
  };
  return { ...entry, hash: entryHash(entry) };
}

/** The newest notes that a record carries itself, so that most reads need no second one; bounded in number and size. */
const RECENT_NOTES = 20;
const RECENT_BYTES = 4_096;

function newestThatFit(notes: readonly HistoryNote[]): HistoryNote[] {
  let bytes = 0;
  let kept = 0;
  while (kept < Math.min(notes.length, RECENT_NOTES)) {
    bytes += Buffer.byteLength(JSON.stringify(notes[notes.length - 1 - kept]));
    if (bytes > RECENT_BYTES) break;
    kept += 1;
  }
  return kept === 0 ? [] : notes.slice(-kept);
}

/** The record with an entry as the head of its chain. */
export function withHead(record: TrackerRecord, entry: HistoryEntry): TrackerRecord {
  const notes = entry.note ? [...(record.history_recent ?? []), entry.note] : (record.history_recent ?? []);
  return {
    ...record,
    history_seq: entry.seq,
    history_hash: entry.hash,
    history_notes: (record.history_notes ?? 0) + (entry.note ? 1 : 0),
    history_recent: newestThatFit(notes),
  };
}

/** Entries of a row that was written before there was a chain; they come first. */
export function inlineHistory(record: TrackerRecord): HistoryNote[] {
  return Array.isArray(record.history) ? (record.history as HistoryNote[]) : [];
}

/** Whether the notes that the record carries are all that its chain has. */
export function carriesWholeHistory(record: TrackerRecord): boolean {
  return (record.history_recent?.length ?? 0) === (record.history_notes ?? 0);
}
