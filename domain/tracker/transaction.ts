import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { CancellationReason } from "@enceladus/shared/aws-errors";
import { awsErrorName, cancellationReasons } from "@enceladus/shared/aws-errors";
import { rowOfImage } from "@enceladus/shared/conditional-write";
import { writing } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { changedAttributes } from "@enceladus/shared/history-chain";
import { type Writer, writeSource } from "./attribution.ts";
import { leaseChanged } from "./claims/expired-leases.ts";
import { readinessChanged } from "./claims/known-ready.ts";
import { type EntryDraft, type HistoryEntry, nextEntry, withHead } from "./history.ts";
import { withReadiness } from "./readiness.ts";
import type { TrackerRecord } from "./record.ts";
import { tables } from "./tables.ts";

/** One record that a transaction writes, and the history entry that goes with it. */
export interface RecordWrite {
  /** As read; undefined for a record that must not exist yet. */
  before: TrackerRecord | undefined;
  /** As decided, without stamps. */
  after: TrackerRecord;
  entry: EntryDraft;
}

/**
 * A write that is no change of a record: its version stays and the history says nothing. What others rely on between two
 * versions (who holds the record, what blocks it) changes this way.
 */
export interface SideWrite {
  /** As read. */
  before: TrackerRecord;
  /** As decided, without stamps. */
  after: TrackerRecord;
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
    row_version: (write.before?.row_version ?? 0) + 1,
    updated_at: now,
    write_source: writeSource(writer, now),
  };
}

function stampedAside({ before, after }: SideWrite, writer: Writer, now: string): TrackerRecord {
  return {
    ...withReadiness(after),
    row_version: (before.row_version ?? 0) + 1,
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
  // Two writers that read the same image: the second one decides again on what the first one left.
  const asRead = sameAsRead(before);
  return {
    Update: {
      TableName: tables.records(),
      Key: { project_id: before.project_id, record_id: before.record_id },
      UpdateExpression: `SET ${assignments}${removals && ` REMOVE ${removals}`}`,
      ConditionExpression: asRead.expression,
      ExpressionAttributeNames: Object.fromEntries(fields.map((field, index) => [`#f${index}`, field])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(sets.map((field) => [`:v${place(field)}`, after[field]])),
        ...asRead.values,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** The image on which a condition is based, as expression and values. */
function sameAsRead(before: TrackerRecord) {
  const sameVersion =
    before.sync_version === undefined ? "attribute_not_exists(sync_version)" : "sync_version = :versionRead";
  const sameRow = before.row_version === undefined ? "attribute_not_exists(row_version)" : "row_version = :rowRead";
  return {
    // Without the first clause an update that comes after a removal would bring back a ghost of the record.
    expression: `attribute_exists(record_id) AND ${sameVersion} AND ${sameRow}`,
    values: {
      ...(before.sync_version !== undefined && { ":versionRead": before.sync_version }),
      ...(before.row_version !== undefined && { ":rowRead": before.row_version }),
    },
  };
}

/** Holds a transaction only while a record that it does not write is as it was read. */
export function unchanged(record: TrackerRecord): TransactItem {
  const { expression, values } = sameAsRead(record);
  return {
    ConditionCheck: {
      TableName: tables.records(),
      Key: { project_id: record.project_id, record_id: record.record_id },
      ConditionExpression: expression,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
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

/** The plain form of an item that came with a failed condition. */
export function itemOf(reason: CancellationReason | undefined): TrackerRecord | undefined {
  return rowOfImage<TrackerRecord>(reason?.Item);
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

/** A transaction that is ready to be sent. */
export interface Prepared {
  /** The records as they will be, in the order of their writes. */
  records: TrackerRecord[];
  /** The records of the side writes as they will be. */
  aside: TrackerRecord[];
  send: (others?: readonly TransactItem[]) => Promise<Outcome>;
}

/** DynamoDB takes no more in one transaction. */
export const MAX_TRANSACTION_ITEMS = 100;

/**
 * Stamps records and makes their history entries, so that all of it can be written as one fact. Stamps, versions, index
 * keys and the chain are made here, so that no writer can forget them.
 * @param sides records that are written without being changed
 */
export function prepare(
  writes: readonly RecordWrite[],
  sides: readonly SideWrite[],
  writer: Writer,
  now: string,
): Prepared {
  const entries = writes.map((write) => nextEntry(write.before, write.after, write.entry, writer, now));
  const records = writes.map((write, index) => stamped(write, entries[index] as HistoryEntry, writer, now));
  const aside = sides.map((side) => stampedAside(side, writer, now));
  const items = [
    ...writes.map(({ before }, index) => {
      const record = records[index] as TrackerRecord;
      return before ? update(before, record) : putNew(record);
    }),
    ...entries.map(putEntry),
    ...sides.map(({ before }, index) => update(before, aside[index] as TrackerRecord)),
  ];
  const images = [...writes, ...sides].map(({ before }, index) => ({
    before,
    after: [...records, ...aside][index] as TrackerRecord,
  }));
  return {
    records,
    aside,
    send: async (others = []) => {
      const lost = await sendOrLose([...items, ...others]);
      if (!lost) {
        for (const { before, after } of images) {
          readinessChanged(before, after);
          leaseChanged(before, after);
        }
        return { committed: true, records };
      }
      return {
        committed: false,
        records: writes.map((write, index) => stateAfterLoss(lost[index], write)),
        others: others.map((_, index) => lost[items.length + index]?.Code === "ConditionalCheckFailed"),
      };
    },
  };
}

/** @returns why nothing was written, by item; undefined when all of it was */
async function sendOrLose(TransactItems: TransactItem[]): Promise<readonly CancellationReason[] | undefined> {
  try {
    await writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems })));
    return undefined;
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) {
      if (error instanceof DomainError && tooLarge(error.cause)) throw recordTooLarge(error.cause);
      throw error;
    }
    if (reasons.some(({ Code }) => Code === "ValidationError")) throw recordTooLarge(error);
    return reasons;
  }
}

/**
 * Writes records and their history entries as one fact, with whatever else belongs to it.
 * @param others items of the same transaction that are no records (links, condition checks)
 * @returns what was written, or why nothing was: the failed conditions bring the current records along, so that the
 *   next decision needs no second read
 * @throws DomainError PAYLOAD_TOO_LARGE (a record would pass 400 KB), INTERNAL_ERROR
 */
export function commit(
  writes: readonly RecordWrite[],
  writer: Writer,
  now: string,
  others: readonly TransactItem[] = [],
  sides: readonly SideWrite[] = [],
): Promise<Outcome> {
  return prepare(writes, sides, writer, now).send(others);
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
