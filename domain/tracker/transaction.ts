import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { CancellationReason } from "@enceladus/shared/aws-errors";
import { awsErrorName, cancellationReasons } from "@enceladus/shared/aws-errors";
import { writing } from "@enceladus/shared/database";
import { decodeNumber, dynamodb } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { type Writer, writeSource } from "./attribution.ts";
import { changedAttributes, type EntryDraft, type HistoryEntry, nextEntry, withHead } from "./history.ts";
import { withReadiness } from "./readiness.ts";
import type { TrackerRecord } from "./record.ts";
import { tables } from "./tables.ts";

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One record that a transaction writes, and the history entry that goes with it. */
export interface RecordWrite {
  /** As read; undefined for a record that must not exist yet. */
  before: TrackerRecord | undefined;
  /** As decided, without stamps. */
  after: TrackerRecord;
  entry: EntryDraft;
}

/** Why a transaction wrote nothing: what became of each record in it, in the order of the writes. */
export interface Lost {
  committed: false;
  /** `fine` records did not stand in the way; `gone` ones do not exist; `changed` ones carry what they are now. */
  records: ({ state: "fine" } | { state: "gone" } | { state: "changed"; current: TrackerRecord })[];
  /** Whether one of the other items failed its condition, by their index. */
  others: boolean[];
}

export type Outcome = { committed: true; records: TrackerRecord[] } | Lost;

function stamped(write: RecordWrite, entry: HistoryEntry, writer: Writer, now: string): TrackerRecord {
  const note = entry.note && write.entry.keepsLastNote !== false ? { last_update_note: entry.note.description } : {};
  return {
    ...withReadiness(withHead(write.after, entry)),
    ...note,
    sync_version: (write.before?.sync_version ?? 0) + 1,
    updated_at: now,
    write_source: writeSource(writer, now),
  };
}

/** A new record: nobody may have taken the id in the meantime. */
function putNew(record: TrackerRecord): TransactItem {
  const idIsFree = "attribute_not_exists(record_id)";
  return {
    Put: {
      TableName: tables.records(),
      Item: record,
      ConditionExpression: idIsFree,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** A changed record: only what differs is written, and only over the very version that was read. */
function update(before: TrackerRecord, after: TrackerRecord): TransactItem {
  const fields = changedAttributes(before, after);
  const sets = fields.filter((field) => after[field] !== undefined);
  const removes = fields.filter((field) => after[field] === undefined);
  const place = (field: string) => fields.indexOf(field);
  const assignments = sets.map((field) => `#f${place(field)} = :v${place(field)}`).join(", ");
  const removals = removes.map((field) => `#f${place(field)}`).join(", ");
  // Without this an update that comes after a removal would bring back a ghost of the record.
  const stillExists = "attribute_exists(record_id)";
  // Two writers that read the same version: the second one decides again on what the first one left.
  const unchangedSinceRead =
    before.sync_version === undefined ? "attribute_not_exists(sync_version)" : "sync_version = :versionRead";
  return {
    Update: {
      TableName: tables.records(),
      Key: { project_id: before.project_id, record_id: before.record_id },
      UpdateExpression: `SET ${assignments}${removals && ` REMOVE ${removals}`}`,
      ConditionExpression: `${stillExists} AND ${unchangedSinceRead}`,
      ExpressionAttributeNames: Object.fromEntries(fields.map((field, index) => [`#f${index}`, field])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(sets.map((field) => [`:v${place(field)}`, after[field]])),
        ...(before.sync_version !== undefined && { ":versionRead": before.sync_version }),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

function putEntry(entry: HistoryEntry): TransactItem {
  const neverWrittenBefore = "attribute_not_exists(record_key)";
  return {
    Put: {
      TableName: tables.history(),
      Item: { record_key: `${entry.project_id}#${entry.record_id}`, ...entry },
      ConditionExpression: neverWrittenBefore,
    },
  };
}

type ItemImage = Parameters<typeof unmarshall>[0];

/** The plain form of an item that came with a failed condition. */
export function itemOf(reason: CancellationReason | undefined): TrackerRecord | undefined {
  if (!reason?.Item) return undefined;
  return unmarshall(reason.Item as ItemImage, { wrapNumbers: decodeNumber as never }) as TrackerRecord;
}

function stateAfterLoss(reason: CancellationReason | undefined, write: RecordWrite): Lost["records"][number] {
  if (reason?.Code !== "ConditionalCheckFailed") return { state: "fine" };
  const current = itemOf(reason);
  if (current) return { state: "changed", current };
  return write.before ? { state: "gone" } : { state: "fine" };
}

function tooLarge(error: unknown): boolean {
  return awsErrorName(error) === "ValidationException" && /size/i.test((error as Error).message);
}

/**
 * Writes records and their history entries as one fact, with whatever else belongs to it. Stamps, version, index keys
 * and the chain are made here, so that no writer can forget them.
 * @param others items of the same transaction that are no records (links, condition checks)
 * @returns what was written, or why nothing was: the failed conditions bring the current records along, so that the
 *   next decision needs no second read
 * @throws DomainError PAYLOAD_TOO_LARGE (a record would pass 400 KB), INTERNAL_ERROR
 */
export async function commit(
  writes: readonly RecordWrite[],
  writer: Writer,
  now: string,
  others: readonly TransactItem[] = [],
): Promise<Outcome> {
  const entries = writes.map((write) => nextEntry(write.before, write.after, write.entry, writer, now));
  const records = writes.map((write, index) => stamped(write, entries[index] as HistoryEntry, writer, now));
  const TransactItems = [
    ...writes.map(({ before }, index) => {
      const record = records[index] as TrackerRecord;
      return before ? update(before, record) : putNew(record);
    }),
    ...entries.map(putEntry),
    ...others,
  ];
  try {
    await writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems })));
    return { committed: true, records };
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) {
      if (error instanceof DomainError && tooLarge(error.cause)) throw recordTooLarge(error.cause);
      throw error;
    }
    if (reasons.some(({ Code }) => Code === "ValidationError")) throw recordTooLarge(error);
    return {
      committed: false,
      records: writes.map((write, index) => stateAfterLoss(reasons[index], write)),
      others: others.map((_, index) => reasons[2 * writes.length + index]?.Code === "ConditionalCheckFailed"),
    };
  }
}

function recordTooLarge(cause: unknown): DomainError {
  return new DomainError(
    "PAYLOAD_TOO_LARGE",
    "The record would be larger than 400 KB.",
    { limit_bytes: 409_600 },
    {
      cause,
    },
  );
}
