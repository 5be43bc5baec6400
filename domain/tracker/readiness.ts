import { isFinished } from "./lifecycle.ts";
import { isRecordType, type TrackerRecord } from "./record.ts";
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

function scope(record: TrackerRecord): string {
  return `${record.project_id}#${record.record_type}`;
}

function rank(record: TrackerRecord): string {
  const word = String(record.priority ?? "")
    .trim()
    .toLowerCase();
  const priority = meaningOf(PRIORITY_RANK, word) ?? NO_PRIORITY;
  return `${priority}#${record.created_at ?? ""}#${record.item_id}`;
}

/**
 * The record with the keys of the sparse indexes that answer "what can be worked on": an open record that nobody
 * holds, that is not parked and has no open blocker stands in the ready index, best first (priority, then age); one
 * under a lease stands in the leased index, the first to expire first. Everything else stands in neither. The keys
 * change in the transaction that changes their reason, so that finding work never reads the project.
 */
export function withReadiness(record: TrackerRecord): TrackerRecord {
  const open = isRecordType(record.record_type) && !isFinished(record.record_type, record.status);
  const leased = record.active_agent_session === true;
  const held = record.parked_at !== undefined || Number(record.open_blockers ?? 0) > 0;
  const ready = open && !leased && !held;
  return {
    ...record,
    ready_scope: ready ? scope(record) : undefined,
    ready_rank: ready ? rank(record) : undefined,
    leased_scope: open && leased && record.lease_expires_at ? scope(record) : undefined,
  };
}
