import { DomainError, type ErrorCode } from "@enceladus/shared/errors";
import { queryEntries } from "./history-store.ts";
import { assertFence } from "./lease.ts";
import type { Target, TrackerRecord } from "./record.ts";

/** More entries than these are not looked through to tell what changed since. */
const MOST_ENTRIES = 100;

/** The version of a record as its entity tag and `expected_version` name it. */
export function versionOf(record: TrackerRecord): number {
  return record.sync_version ?? 0;
}

/**
 * The attributes that changed since a version, as the history has them; undefined where that cannot be told. Each
 * version has one entry, so the entries since are as many as the versions.
 */
async function changedSince(record: TrackerRecord, known: number): Promise<string[] | undefined> {
  const versions = versionOf(record) - known;
  if (!Number.isSafeInteger(known) || versions <= 0 || versions > MOST_ENTRIES) return undefined;
  const { entries } = await queryEntries(record, { order: "newest-first", limit: versions });
  return [...new Set(entries.flatMap(({ changes }) => changes.map(({ field }) => field)))].sort();
}

async function versionConflict(code: ErrorCode, record: TrackerRecord, known: number): Promise<DomainError> {
  const current = versionOf(record);
  const changed = await changedSince(record, known);
  return new DomainError(
    code,
    `The record was modified concurrently: it is at version ${current}${Number.isNaN(known) ? "" : `, not ${known}`}.`,
    {
      reason: "VERSION_CONFLICT",
      current_version: current,
      current_status: record.status,
      ...(changed && { changed_fields: changed }),
      next_action: "Read the record again and repeat the change if it still makes sense.",
    },
    { retryable: code === "VERSION_CONFLICT" },
  );
}

/**
 * Refuses a change whose caller believes something of the record that is not so any more.
 * @param now milliseconds since the epoch
 * @throws DomainError STALE_FENCE, VERSION_CONFLICT (`expected_version`), PRECONDITION_FAILED (`If-Match`)
 */
export async function assertExpected(
  record: TrackerRecord,
  { preconditions: { ifMatch, fence } = {}, expectedVersion }: Target,
  now: number,
): Promise<void> {
  assertFence(record, fence, now);
  if (expectedVersion !== undefined && expectedVersion !== versionOf(record)) {
    throw await versionConflict("VERSION_CONFLICT", record, expectedVersion);
  }
  if (ifMatch === undefined || ifMatch === "*" || ifMatch.includes(String(versionOf(record)))) return;
  const known = ifMatch.length === 1 && /^\d{1,15}$/.test(ifMatch[0] ?? "") ? Number(ifMatch[0]) : Number.NaN;
  throw await versionConflict("PRECONDITION_FAILED", record, known);
}
