import { UpdateCommand, type UpdateCommandOutput } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { timestamp } from "@enceladus/shared/time";
import { type Writer, writeSource } from "../attribution.ts";
import { recordNotFound } from "../change-record.ts";
import { defaultLeaseSeconds, type Lease, leaseLost, leaseOf } from "../lease.ts";
import { remember } from "../recent-records.ts";
import { type RecordSummary, summaryOf, type Target, type TrackerRecord } from "../record.ts";
import { keyOf } from "../record-store.ts";
import { assertExpected } from "../record-version.ts";
import { tables } from "../tables.ts";

/** A sign of life is written at most once in so long. */
const WRITTEN_EVERY_MS = 10_000;

export interface Heartbeat {
  record: RecordSummary;
  lease: Lease;
  lastHeartbeatAt: string | undefined;
}

interface Beat {
  target: Target;
  writer: Writer;
  leaseId: string;
  now: number;
  /** Until when the lease lasts from now on; undefined where it lasts longer already. */
  until: string | undefined;
}

/** Whether an entity tag can be the one of a record. */
function isVersion(tag: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(tag);
}

/** Where no tag can be that of a record, none matches. */
function versionIsOneOf(versions: readonly number[]): string {
  const places = versions.map((_, index) => `:version${index}`);
  return places.length > 0 ? `sync_version IN (${places.join(", ")})` : "attribute_not_exists(record_id)";
}

/** @returns the record as written, or as it is where it does not fit the condition; undefined when it does not exist */
async function write(beat: Beat): Promise<{ isWritten: boolean; record: TrackerRecord | undefined }> {
  const { target, writer, leaseId, now, until } = beat;
  const at = timestamp(now);
  const { fence, ifMatch } = target.preconditions ?? {};
  const versions = Array.isArray(ifMatch) ? ifMatch.filter(isVersion).map(Number) : undefined;
  const conditions = [
    "attribute_exists(record_id)",
    "active_agent_session = :true AND lease_id = :lease",
    "(attribute_not_exists(lease_heartbeat_at) OR lease_heartbeat_at <= :earlier)",
    // A lease never gets shorter.
    ...(until === undefined ? [] : ["lease_expires_at <= :until"]),
    ...(fence === undefined ? [] : ["fence = :fence"]),
    ...(versions === undefined ? [] : [versionIsOneOf(versions)]),
  ];
  const outcome = await conditionally<TrackerRecord, UpdateCommandOutput>(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tables.records(),
        Key: keyOf(target),
        // The row counts on: whoever was about to take the record over decides again on what it finds now.
        UpdateExpression: `SET lease_heartbeat_at = :now, write_source = :source${until === undefined ? "" : ", lease_expires_at = :until"} ADD row_version :one`,
        ConditionExpression: conditions.join(" AND "),
        ExpressionAttributeValues: {
          ":true": true,
          ":one": 1,
          ":now": at,
          ":earlier": timestamp(now - WRITTEN_EVERY_MS),
          ":lease": leaseId,
          ":source": writeSource(writer, at),
          ...(until !== undefined && { ":until": until }),
          ...(fence !== undefined && { ":fence": fence }),
          ...Object.fromEntries((versions ?? []).map((version, index) => [`:version${index}`, version])),
        },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
  if (!outcome.held) return { isWritten: false, record: outcome.row };
  return { isWritten: true, record: outcome.answer.Attributes as TrackerRecord };
}

function answerOf(record: TrackerRecord): Heartbeat {
  return { record: summaryOf(record), lease: leaseOf(record), lastHeartbeatAt: record.lease_heartbeat_at };
}

/**
 * A sign of life of the holder: its lease lasts longer from now on, never shorter. One that has ended lives on if nobody
 * has taken the record over. It is no change of the record: neither history nor version tell of it.
 * @param seconds how long the lease lasts from now on; undefined for the default
 * @throws DomainError NOT_FOUND, LEASE_LOST (it is over), STALE_FENCE, PRECONDITION_FAILED, INTERNAL_ERROR
 */
export async function heartbeat(
  target: Target,
  writer: Writer,
  leaseId: string,
  seconds: number | undefined,
): Promise<Heartbeat> {
  const now = Date.now();
  const until = timestamp(now + (seconds ?? defaultLeaseSeconds()) * 1000);
  const first = await write({ target, writer, leaseId, now, until });
  if (!first.record) throw recordNotFound();
  if (!first.isWritten) {
    await assertExpected(first.record, target, now);
    if (first.record.active_agent_session !== true || first.record.lease_id !== leaseId) {
      throw leaseLost(first.record, now);
    }
  }
  const beatenLately = Date.parse(first.record.lease_heartbeat_at ?? "") > now - WRITTEN_EVERY_MS;
  if (first.isWritten || beatenLately) {
    if (first.isWritten) remember(first.record);
    return answerOf(first.record);
  }
  // It lasts longer already: the sign of life alone is written down.
  const second = await write({ target, writer, leaseId, now, until: undefined });
  if (!second.record) throw recordNotFound();
  if (second.isWritten) remember(second.record);
  else if (second.record.lease_id !== leaseId) throw leaseLost(second.record, now);
  return answerOf(second.record);
}
