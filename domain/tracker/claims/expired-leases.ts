import { defaultLeaseSeconds } from "../lease.ts";
import { workScope } from "../readiness.ts";
import type { RecordAddress, RecordType, TrackerRecord } from "../record.ts";
import { readRecords } from "../record-store.ts";
import { type LeasedRow, queryLeased, type Work } from "./ready-store.ts";

/** The shortest lease that a caller may ask for, in milliseconds. */
const SHORTEST_LEASE_MS = 60_000;
const ROWS = 25;
/** So many dead holders at once are looked through; the longest dead come first. */
const MOST_EXPIRED = 500;

/** Until when no lease of a scope can end, as far as this container knows, and since when it knows. */
const quiet = new Map<string, { since: number; until: number }>();

function isQuiet(scope: string, now: number): boolean {
  const known = quiet.get(scope);
  return known !== undefined && known.since <= now && now < known.until;
}

/** A lease that is granted from now on does not end before this. */
function nextToBeGranted(now: number): number {
  return now + Math.min(SHORTEST_LEASE_MS, defaultLeaseSeconds() * 1000);
}

function addressOfRow({ projectId, type }: Work, { record_id }: LeasedRow): RecordAddress {
  return { projectId, type: type as RecordType, itemId: record_id.slice(type.length + 1) };
}

/**
 * Called with every write of this container: a record that is opened again brings its lease back, which may end sooner
 * than all that were seen. What another container opens again is found within a minute.
 */
export function leaseChanged(before: TrackerRecord | undefined, after: TrackerRecord): void {
  const { leased_scope: scope, lease_expires_at: end } = after;
  if (typeof scope !== "string" || scope === before?.leased_scope) return;
  const known = quiet.get(scope);
  if (known && Date.parse(end ?? "") < known.until) quiet.delete(scope);
}

/**
 * The records whose lease has ended, as they are now. Nothing sweeps: a lease ends by a comparison with now. Where none
 * has ended, the first one to end tells how long there is no need to look again, since no lease gets shorter.
 * @param now milliseconds since the epoch
 */
export async function expiredLeases(work: Work, now: number): Promise<TrackerRecord[]> {
  const scope = workScope(work.projectId, work.type);
  if (isQuiet(scope, now)) return [];
  const expired: LeasedRow[] = [];
  let firstAlive: LeasedRow | undefined;
  let start: Record<string, unknown> | undefined;
  do {
    const { rows, last } = await queryLeased(work, ROWS, start);
    expired.push(...rows.filter(({ lease_expires_at }) => Date.parse(lease_expires_at) <= now));
    firstAlive = rows.find(({ lease_expires_at }) => Date.parse(lease_expires_at) > now);
    start = last;
  } while (start && !firstAlive && expired.length < MOST_EXPIRED);
  if (expired.length > 0) {
    quiet.delete(scope);
    return readRecords(expired.map((row) => addressOfRow(work, row)));
  }
  const firstEnd = firstAlive ? Date.parse(firstAlive.lease_expires_at) : Number.POSITIVE_INFINITY;
  quiet.set(scope, { since: now, until: Math.min(firstEnd, nextToBeGranted(now)) });
  return [];
}
