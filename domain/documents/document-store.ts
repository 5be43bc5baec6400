import { BatchGetCommand, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type CancellationReason, cancellationReasons } from "@enceladus/shared/aws-errors";
import { rowOfImage } from "@enceladus/shared/conditional-write";
import { querying, reading, writing } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { changedAttributes } from "@enceladus/shared/history-chain";
import { documentFromRow, type StoredDocument } from "./document.ts";
import { tables } from "./tables.ts";

/** A key is at most so long; nothing can be found under a longer one. */
const MAX_KEY_BYTES = 2_048;

/**
 * A document as it is now, or undefined.
 * @param documentId any text
 * @throws DomainError INTERNAL_ERROR
 */
export async function readDocument(documentId: string): Promise<StoredDocument | undefined> {
  if (documentId === "" || Buffer.byteLength(documentId) > MAX_KEY_BYTES) return undefined;
  const Key = { document_id: documentId };
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.documents(), Key, ConsistentRead: true })),
  );
  return Item && documentFromRow(Item);
}

/** DynamoDB reads so many rows in one call. */
const BATCH = 100;

async function readBatch(ids: readonly string[], attributes: readonly string[] | undefined): Promise<StoredDocument[]> {
  const TableName = tables.documents();
  const names = Object.fromEntries((attributes ?? []).map((name, index) => [`#a${index}`, name]));
  const projection = attributes && {
    ProjectionExpression: Object.keys(names).join(", "),
    ExpressionAttributeNames: names,
  };
  const rows: StoredDocument[] = [];
  let pending: Record<string, unknown>[] = ids.map((document_id) => ({ document_id }));
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (pending.length > 0) {
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: true, ...projection } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    rows.push(...(answer.Responses?.[TableName] ?? []).map(documentFromRow));
    pending = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return rows;
}

/**
 * Documents as they are now: one call for a hundred.
 * @param ids any texts
 * @param attributes what is wanted of them, `document_id` among it; undefined for all
 * @returns by id; documents that do not exist are left out
 * @throws DomainError INTERNAL_ERROR
 */
export async function readDocuments(
  ids: readonly string[],
  attributes?: readonly string[],
): Promise<ReadonlyMap<string, StoredDocument>> {
  const unique = [...new Set(ids)].filter((id) => id !== "" && Buffer.byteLength(id) <= MAX_KEY_BYTES);
  const batches = Array.from({ length: Math.ceil(unique.length / BATCH) }, (_, index) =>
    readBatch(unique.slice(index * BATCH, (index + 1) * BATCH), attributes),
  );
  const rows = (await Promise.all(batches)).flat();
  return new Map(rows.map((row) => [row.document_id, row]));
}

/** The documents of one project, or of one status, by the time of their last change. */
export interface Partition {
  index: "project-updated-index" | "status-updated-index";
  /** The project or the status; not empty. */
  key: string;
}

const ATTRIBUTES: Readonly<Record<Partition["index"], string>> = {
  "project-updated-index": "project_id",
  "status-updated-index": "status",
};

/** What the database itself can tell of a document. All that are given have to hold. */
export interface DocumentFilter {
  status?: string | undefined;
  /** One of the keywords, as it is stored: in lower case. */
  keyword?: string | undefined;
  /** One of the related items. */
  related?: string | undefined;
  /** A part of the title, in lower case. Rows of older writers pass: whoever asks looks at their titles. */
  title?: string | undefined;
}

/** Which page of a partition is read. */
export interface PartitionPage {
  filter?: DocumentFilter;
  /** Documents that were changed later than this are passed over; undefined for none. */
  upTo?: string | undefined;
  /** Where the page before this one ended. */
  start?: Record<string, unknown> | undefined;
  /** So many are looked at; undefined for as many as one read gives (1 MB). */
  limit?: number | undefined;
}

/** A page as the database delivers it. */
export interface DocumentPage {
  documents: StoredDocument[];
  /** How many it looked at, those that were filtered out among them. */
  examined: number;
  last: Record<string, unknown> | undefined;
}

function filterClauses({ status, keyword, related, title }: DocumentFilter): string[] {
  return [
    ...(status === undefined ? [] : ["#status = :status"]),
    ...(keyword === undefined ? [] : ["contains(keywords, :keyword)"]),
    ...(related === undefined ? [] : ["contains(related_items, :related)"]),
    ...(title === undefined ? [] : ["(contains(title_lower, :title) OR attribute_not_exists(title_lower))"]),
  ];
}

/**
 * A page of an index, newest first. The index follows the table with a delay of moments.
 * @throws DomainError INTERNAL_ERROR
 */
export async function queryPartition({ index, key }: Partition, page: PartitionPage): Promise<DocumentPage> {
  const { filter = {}, upTo, start, limit } = page;
  const clauses = filterClauses(filter);
  const values = { ":key": key, ":upTo": upTo, ":status": filter.status };
  const found = { ...values, ":keyword": filter.keyword, ":related": filter.related, ":title": filter.title };
  const query = new QueryCommand({
    TableName: tables.documents(),
    IndexName: index,
    KeyConditionExpression: `#partition = :key${upTo === undefined ? "" : " AND updated_at <= :upTo"}`,
    ...(clauses.length > 0 && { FilterExpression: clauses.join(" AND ") }),
    ExpressionAttributeNames: {
      "#partition": ATTRIBUTES[index],
      ...(filter.status !== undefined && { "#status": "status" }),
    },
    ExpressionAttributeValues: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    ScanIndexForward: false,
    ExclusiveStartKey: start,
    Limit: limit,
  });
  const { Items = [], ScannedCount = Items.length, LastEvaluatedKey } = await querying(() => dynamodb().send(query));
  return { documents: Items.map(documentFromRow), examined: ScannedCount, last: LastEvaluatedKey };
}

/**
 * What became of a write. `lost`: the row is not as it was read; it comes along as it is now, undefined where there is
 * none. `refused`: the row is, and of the items beside it those failed their conditions. `contended`: another
 * transaction is at work on the same items, and nothing is known yet.
 */
export type WriteOutcome =
  | { kind: "written" }
  | { kind: "lost"; current: StoredDocument | undefined; beside: readonly boolean[] }
  | { kind: "refused"; beside: readonly boolean[] }
  | { kind: "contended" };

/** A new document: nobody may have the id. */
function putNew(document: StoredDocument): TransactItem {
  const idIsFree = "attribute_not_exists(document_id)";
  return {
    Put: {
      TableName: tables.documents(),
      Item: document,
      ConditionExpression: idIsFree,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** A changed document: only what differs is written, and only over the very version that was read. */
function update(before: StoredDocument, after: StoredDocument): TransactItem {
  const fields = changedAttributes(before, after);
  const assigned = fields.filter((field) => after[field] !== undefined);
  const removed = fields.filter((field) => after[field] === undefined);
  const name = (field: string) => `#f${fields.indexOf(field)}`;
  const value = (field: string) => `:v${fields.indexOf(field)}`;
  const assignments = assigned.map((field) => `${name(field)} = ${value(field)}`).join(", ");
  // Two writers that read the same version: the second one must lose. Before there were versions, there was none.
  const sameVersion = before.version === undefined ? "attribute_not_exists(version)" : "version = :versionRead";
  // Without it an update that comes after a removal would bring back a ghost of the row.
  const isThere = "attribute_exists(document_id)";
  return {
    Update: {
      TableName: tables.documents(),
      Key: { document_id: before.document_id },
      UpdateExpression: `SET ${assignments}${removed.length > 0 ? ` REMOVE ${removed.map(name).join(", ")}` : ""}`,
      ConditionExpression: `${isThere} AND ${sameVersion}`,
      ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [name(field), field])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(assigned.map((field) => [value(field), after[field]])),
        ...(before.version !== undefined && { ":versionRead": before.version }),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

function imageIn({ Item }: CancellationReason): StoredDocument | undefined {
  const row = rowOfImage<Record<string, unknown>>(Item);
  return row && documentFromRow(row);
}

const hasFailed = (reason: CancellationReason | undefined) => reason?.Code === "ConditionalCheckFailed";

function outcomeOf([row, ...others]: readonly CancellationReason[]): WriteOutcome | undefined {
  const beside = others.map(hasFailed);
  if (row && hasFailed(row)) return { kind: "lost", current: imageIn(row), beside };
  if (beside.includes(true)) return { kind: "refused", beside };
  return [row, ...others].some((reason) => reason?.Code === "TransactionConflict") ? { kind: "contended" } : undefined;
}

/**
 * Writes a document and what belongs to it as one fact.
 * @param before as read; undefined for a document that must not exist yet
 * @param beside other items of the same transaction
 * @throws DomainError INTERNAL_ERROR; it may have been written all the same
 */
export async function writeDocument(
  before: StoredDocument | undefined,
  after: StoredDocument,
  beside: readonly TransactItem[],
): Promise<WriteOutcome> {
  const TransactItems = [before ? update(before, after) : putNew(after), ...beside];
  try {
    await writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems })));
    return { kind: "written" };
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) throw error;
    const outcome = outcomeOf(reasons);
    if (outcome) return outcome;
    throw new DomainError("INTERNAL_ERROR", "Database write failed.", {}, { retryable: true, cause: error });
  }
}
