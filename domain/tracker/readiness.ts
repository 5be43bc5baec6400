import { isFinished } from "./lifecycle.ts";
import { isRecordType, parseItemId, type TrackerRecord, textList } from "./record.ts";
import { meaningOf } from "./text.ts";

/** Sorts the priorities that callers use; anything else comes last. */
const PRIORITY_RANK: Readonly<Record<string, number>> = {
  p0: 0,
  critical: 0,
  p1: 1,
  high: 1,
  p2: 2,
  medium: 2,
  p3: 3,
  low: 3,
  p4: 4,
};
const NO_PRIORITY = 5;
/** As many digits as the number of an id may have. */
const DIGITS = 15;

/** The partition of the ready index, and of the leased one, that holds the records of a type. */
export function workScope(projectId: string, type: string): string {
  return `${projectId}#${type}`;
}

export type Stall = "blocked" | "parked";

/** The partition of the index of open records that nobody can work on for now. */
export function stalledScope(projectId: string, type: string, stall: Stall): string {
  return `${workScope(projectId, type)}#${stall}`;
}

/** Where a record stands among those to be worked on: priority first, then age, then the order of the ids. */
export function rankOf(record: TrackerRecord): string {
  const word = String(record.priority ?? "")
    .trim()
    .toLowerCase();
  const priority = meaningOf(PRIORITY_RANK, word) ?? NO_PRIORITY;
  const number = (parseItemId(record.item_id)?.number ?? "").padStart(DIGITS, "0");
  return `${priority}#${record.created_at ?? ""}#${number}#${record.item_id}`;
}

/** Where a record stands in the ready index; one that is not in it, where it would stand. */
export function placeOf(record: TrackerRecord): string {
  return typeof record.ready_rank === "string" ? record.ready_rank : rankOf(record);
}

/** Whether work on the record is not over. */
export function isOpen(record: TrackerRecord): boolean {
  return isRecordType(record.record_type) && !isFinished(record.record_type, record.status);
}

/** Whether something must close before work on the record makes sense: a blocker of its own or of a parent. */
export function isBlocked(record: TrackerRecord): boolean {
  return textList(record.open_blockers).length > 0 || textList(record.blocked_parents).length > 0;
}

/** Whether the record is set aside until somebody takes it expressly. */
export function isParked(record: TrackerRecord): boolean {
  return record.parked_at !== undefined;
}

function stallOf(record: TrackerRecord): Stall | undefined {
  if (isBlocked(record)) return "blocked";
  return isParked(record) ? "parked" : undefined;
}

/**
 * The record with the keys of the sparse indexes that answer "what can be worked on": an open record that nobody
 * holds, that is not parked and has no open blocker stands in the ready index, best first; one under a lease stands in
 * the leased index, the first to expire first; one that is blocked or parked is counted in the stalled index. The keys
 * change in the transaction that changes their reason, so that finding work never reads the project.
 */
export function withReadiness(record: TrackerRecord): TrackerRecord {
  const open = isOpen(record);
  const leased = record.active_agent_session === true;
  const stall = stallOf(record);
  const { project_id, record_type } = record;
  const ready = open && !leased && !stall;
  return {
    ...record,
    ready_scope: ready ? workScope(project_id, record_type) : undefined,
    ready_rank: ready ? rankOf(record) : undefined,
    leased_scope: open && leased && record.lease_expires_at ? workScope(project_id, record_type) : undefined,
    stalled_scope: open && !leased && stall ? stalledScope(project_id, record_type, stall) : undefined,
  };
}
