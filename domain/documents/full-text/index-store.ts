import { GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName, cancellationReasons } from "@enceladus/shared/aws-errors";
import { reading, writing } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import type { PostingChange } from "./contribution.ts";
import type { Entry } from "./entry.ts";
import { type EntryRow, entryOfRow, rowOfEntry } from "./entry-row.ts";
import { entryKey, listKey, placeOf, totalsKey } from "./keys.ts";
import { tables } from "./tables.ts";
import { totalsChange } from "./totals.ts";

/** A transaction takes a hundred items; one of them is the entry. */
export const POSTINGS_A_WRITE = 99;
/** The entry and the totals of a project, of two where a document has moved. */
export const POSTINGS_WITH_ENTRY = 97;

/** `overtaken`: somebody else has written the entry since it was read, so nothing was written. */
export type WriteOutcome = "written" | "overtaken";

/** What the index knows of a document. */
export async function readEntry(documentId: string): Promise<Entry | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.terms(), Key: entryKey(documentId), ConsistentRead: true })),
  );
  return Item && entryOfRow(Item as EntryRow);
}

/** Nobody has written the entry since it was read: of two runs for one document one has to look again. */
function sinceRead(read: Entry | undefined) {
  if (!read) return { ConditionExpression: "attribute_not_exists(list_id)" };
  return { ConditionExpression: "revision = :read", ExpressionAttributeValues: { ":read": read.revision } };
}

function entryWrite(entry: Entry, read: Entry | undefined) {
  const Item = { ...entryKey(entry.documentId), ...rowOfEntry(entry) };
  return { TableName: tables.terms(), Item, ...sinceRead(read) };
}

/** Writes an entry alone: it says where its writer is about to write. */
export async function putEntry(entry: Entry, read: Entry | undefined): Promise<WriteOutcome> {
  try {
    await writing(() => dynamodb().send(new PutCommand(entryWrite(entry, read))));
    return "written";
  } catch (error) {
    if (awsErrorName(error) === "ConditionalCheckFailedException") return "overtaken";
    throw error;
  }
}

function postingWrite(documentId: string, { posting, ...list }: PostingChange): TransactItem {
  const TableName = tables.terms();
  const Key = { list_id: listKey(list), entry_id: placeOf(documentId) };
  if (!posting) return { Delete: { TableName, Key } };
  const { inTitle, inBody, length } = posting;
  // What is zero is left out: there are more of these rows than of all others.
  return { Put: { TableName, Item: { ...Key, in_title: inTitle || undefined, in_body: inBody || undefined, length } } };
}

/** A few dozen documents of a project settle at once when many are put in: their totals are one row. */
const CONFLICT_RETRIES = { retries: 7, minTimeout: 30, factor: 2, maxTimeout: 1_000, randomize: true };
const PASSING = ["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

function isPassing(error: unknown): boolean {
  const reasons = cancellationReasons(error);
  return reasons?.every(({ Code = "None" }) => PASSING.includes(Code)) ?? false;
}

async function transact(items: TransactItem[]): Promise<WriteOutcome> {
  const { default: pRetry } = await import("p-retry");
  const send = () => writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems: items })));
  try {
    await pRetry(send, { ...CONFLICT_RETRIES, shouldRetry: ({ error }) => isPassing(error) });
    return "written";
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (reasons?.some(({ Code }) => Code === "ConditionalCheckFailed")) return "overtaken";
    throw error;
  }
}

/**
 * Writes postings of a document, at most `POSTINGS_A_WRITE`, if the entry is still as its writer left it.
 * @throws DomainError INTERNAL_ERROR, or the cancelled transaction where others were in the way for too long
 */
export function writePostings(held: Entry, changes: readonly PostingChange[]): Promise<WriteOutcome> {
  const stillOurs = {
    ConditionCheck: { TableName: tables.terms(), Key: entryKey(held.documentId), ...sinceRead(held) },
  };
  return transact([stillOurs, ...changes.map((change) => postingWrite(held.documentId, change))]);
}

/**
 * Writes the last postings of a document, at most `POSTINGS_WITH_ENTRY`, its entry, and the totals of its project: in one
 * transaction with the entry they count each document once, however often that is tried.
 * @throws as writePostings
 */
export function settle(
  entry: Entry,
  read: Entry | undefined,
  changes: readonly PostingChange[],
): Promise<WriteOutcome> {
  const totals = [...totalsChange(read?.held, entry.held)].map(([projectId, change]): TransactItem => {
    const names = Object.keys(change);
    return {
      Update: {
        TableName: tables.terms(),
        Key: totalsKey(projectId),
        UpdateExpression: `ADD ${names.map((name) => `${name} :${name}`).join(", ")}`,
        ExpressionAttributeValues: Object.fromEntries(Object.entries(change).map(([name, by]) => [`:${name}`, by])),
      },
    };
  });
  const postings = changes.map((change) => postingWrite(entry.documentId, change));
  return transact([{ Put: entryWrite(entry, read) }, ...totals, ...postings]);
}
