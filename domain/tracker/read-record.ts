import { recordNotFound } from "./change-record.ts";
import { carriesWholeHistory, inlineHistory } from "./history.ts";
import { firstNote, newestNotes } from "./history-store.ts";
import { remember } from "./recent-records.ts";
import type { HistoryNote, RecordAddress, TrackerRecord } from "./record.ts";
import { readRecord } from "./record-store.ts";

/** What an answer shows of the history: the first entry and the newest ones. */
const NEWEST_SHOWN = 99;

/** Keys of sparse indexes, what is counted and kept for writes, the stored tail of the history: the store's own. */
const INTERNAL = [
  ...["ready_scope", "ready_rank", "leased_scope", "stalled_scope", "pending_scope"],
  ...["row_version", "has_dependants", "open_blockers", "blocked_parents"],
  ...["history_recent", "history_notes"],
];

/** A record as answers carry it: all attributes but the store's own, with its history, oldest entry first. */
export type PublicRecord = Record<string, unknown> & {
  sync_version?: number;
  history: HistoryNote[];
  history_truncated?: true;
};

function publicRecord(record: TrackerRecord, history: HistoryNote[], truncated: boolean): PublicRecord {
  const attributes = Object.fromEntries(Object.entries(record).filter(([name]) => !INTERNAL.includes(name)));
  return { ...attributes, history, ...(truncated && { history_truncated: true as const }) };
}

function shorten(notes: HistoryNote[]): { history: HistoryNote[]; truncated: boolean } {
  if (notes.length <= NEWEST_SHOWN + 1) return { history: notes, truncated: false };
  return { history: [...notes.slice(0, 1), ...notes.slice(-NEWEST_SHOWN)], truncated: true };
}

/** A record with as much of its history as the row itself carries: lists do not read more. */
export function withCarriedHistory(record: TrackerRecord): PublicRecord {
  const { history, truncated } = shorten([...inlineHistory(record), ...(record.history_recent ?? [])]);
  return publicRecord(record, history, truncated || !carriesWholeHistory(record));
}

async function wholeHistory(record: TrackerRecord): Promise<{ history: HistoryNote[]; truncated: boolean }> {
  const older = inlineHistory(record);
  const total = older.length + (record.history_notes ?? 0);
  const newest = await newestNotes(record, NEWEST_SHOWN + 1);
  if (total <= NEWEST_SHOWN + 1) return { history: [...older, ...newest], truncated: false };
  const first = older[0] ?? (await firstNote(record));
  const tail = [...older, ...newest].slice(-NEWEST_SHOWN);
  return { history: first ? [first, ...tail] : tail, truncated: true };
}

/**
 * Reads a record. Its history costs a second read only where it is longer than what the row carries.
 * @throws DomainError NOT_FOUND, INTERNAL_ERROR
 */
export async function getRecord(address: RecordAddress): Promise<PublicRecord> {
  const record = await readRecord(address);
  if (!record) throw recordNotFound();
  remember(record);
  if (carriesWholeHistory(record)) return withCarriedHistory(record);
  const { history, truncated } = await wholeHistory(record);
  return publicRecord(record, history, truncated);
}
