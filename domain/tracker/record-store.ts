import { BatchGetCommand, GetCommand, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { DomainError, invalidInput } from "@enceladus/shared/errors";
import type { ChainedRecord } from "./chain-check.ts";
import { PENDING_SCOPE } from "./pending-note.ts";
import { type RecordAddress, type RecordType, recordId, type TrackerRecord } from "./record.ts";
import { tables } from "./tables.ts";

export interface RecordKey {
  project_id: string;
  record_id: string;
}

export function keyOf(address: RecordAddress): RecordKey {
  return { project_id: address.projectId, record_id: recordId(address) };
}

/** Reads a record as it is now, or undefined. */
export async function readRecord(address: RecordAddress): Promise<TrackerRecord | undefined> {
  const answer = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.records(), Key: keyOf(address), ConsistentRead: true })),
  );
  return answer.Item as TrackerRecord | undefined;
}

const BATCH = 100;

async function readBatch(keys: readonly RecordKey[]): Promise<TrackerRecord[]> {
  const TableName = tables.records();
  let pending: RecordKey[] = [...keys];
  const found: TrackerRecord[] = [];
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (pending.length > 0) {
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: true } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    found.push(...((answer.Responses?.[TableName] ?? []) as TrackerRecord[]));
    pending = (answer.UnprocessedKeys?.[TableName]?.Keys ?? []) as RecordKey[];
  }
  return found;
}

/** Reads records as they are now; those that do not exist are left out. */
export async function readRecords(addresses: readonly RecordAddress[]): Promise<TrackerRecord[]> {
  const unique = [...new Map(addresses.map((address) => [JSON.stringify(keyOf(address)), keyOf(address)])).values()];
  const batches = Array.from({ length: Math.ceil(unique.length / BATCH) }, (_, index) =>
    readBatch(unique.slice(index * BATCH, (index + 1) * BATCH)),
  );
  return (await Promise.all(batches)).flat();
}

/** A page as DynamoDB delivers it: up to 1 MB, and where the next one starts. */
export interface Page<Row = TrackerRecord> {
  records: Row[];
  last: Record<string, unknown> | undefined;
}

export interface PageRequest {
  start: Record<string, unknown> | undefined;
  limit: number | undefined;
}

/**
 * Everything that a query finds, read page by page as it is asked for.
 * @param pageSize at most so many in the next page; undefined for as many as one read gives
 */
export async function* pagesOf<Row = TrackerRecord>(
  source: (request: PageRequest) => Promise<Page<Row>>,
  start: Record<string, unknown> | undefined,
  pageSize: () => number | undefined,
): AsyncGenerator<Row, void> {
  let from = start;
  do {
    const page = await source({ start: from, limit: pageSize() });
    yield* page.records;
    from = page.last;
  } while (from);
}

/** A start key that DynamoDB refuses came out of a cursor that somebody made up. */
export function refusedStart(error: unknown): Error {
  const madeUp = error instanceof DomainError && awsErrorName(error.cause) === "ValidationException";
  return madeUp ? invalidInput("Invalid pagination cursor.") : (error as Error);
}

async function page(input: Omit<QueryCommandInput, "TableName">, { start, limit }: PageRequest): Promise<Page> {
  const answer = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.records(),
        ...input,
        ExclusiveStartKey: start,
        ...(limit && { Limit: limit }),
      }),
    ),
  ).catch((error: unknown) => Promise.reject(start ? refusedStart(error) : error));
  return { records: (answer.Items ?? []) as TrackerRecord[], last: answer.LastEvaluatedKey };
}

/** A page of a project's rows in the order of their keys, from the table itself: what was just written is there. */
export function queryProject(projectId: string, prefix: string | undefined, request: PageRequest): Promise<Page> {
  const ofType = prefix ? " AND begins_with(record_id, :prefix)" : "";
  return page(
    {
      KeyConditionExpression: `project_id = :project${ofType}`,
      ExpressionAttributeValues: { ":project": projectId, ...(prefix && { ":prefix": prefix }) },
      ConsistentRead: true,
    },
    request,
  );
}

/** What an audit wants of a record: its key and the head of its chain. */
const HEAD = "project_id, record_id, history_seq, history_hash";

/** Where in a project an audit begins: at a row, or behind it. */
export interface HeadsFrom {
  recordId: string;
  including: boolean;
}

/** A page of the heads of a project's rows in the order of their keys, as they are now. */
export function queryHeads(
  projectId: string,
  from: HeadsFrom | undefined,
  request: PageRequest,
): Promise<Page<ChainedRecord>> {
  const inOrder = from ? ` AND record_id ${from.including ? ">=" : ">"} :from` : "";
  return page(
    {
      KeyConditionExpression: `project_id = :project${inOrder}`,
      ExpressionAttributeValues: { ":project": projectId, ...(from && { ":from": from.recordId }) },
      ProjectionExpression: HEAD,
      ConsistentRead: true,
    },
    request,
  );
}

/** The head of a record's chain as it is now. */
export async function readHead({ project_id, record_id }: RecordKey): Promise<ChainedRecord | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(
      new GetCommand({
        TableName: tables.records(),
        Key: { project_id, record_id },
        ProjectionExpression: HEAD,
        ConsistentRead: true,
      }),
    ),
  );
  return Item as ChainedRecord | undefined;
}

/** A page of all records with a pending note, oldest note first. */
export function queryAllPendingNotes(request: PageRequest): Promise<Page> {
  return page(
    {
      IndexName: "pending-scope-index",
      KeyConditionExpression: "pending_scope = :pending",
      ExpressionAttributeValues: { ":pending": PENDING_SCOPE },
    },
    request,
  );
}

/** Where in time a list of notes begins: at a moment, or behind it. */
export interface NotesFrom {
  moment: string;
  including: boolean;
}

/** A page of a project's records with a pending note, oldest note first. */
export function queryPendingNotes(projectId: string, request: PageRequest, from?: NotesFrom): Promise<Page> {
  const inTime = from ? ` AND pending_update_at ${from.including ? ">=" : ">"} :from` : "";
  return page(
    {
      IndexName: "pending-update-index",
      KeyConditionExpression: `project_id = :project${inTime}`,
      ExpressionAttributeValues: { ":project": projectId, ...(from && { ":from": from.moment }) },
    },
    request,
  );
}

/** The highest number in use among the ids of a type: every page is read, numbers compare as numbers. */
export async function highestNumber(projectId: string, type: RecordType): Promise<number> {
  let highest = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const answer = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: tables.records(),
          KeyConditionExpression: "project_id = :project AND begins_with(record_id, :prefix)",
          ExpressionAttributeValues: { ":project": projectId, ":prefix": `${type}#` },
          ProjectionExpression: "record_id",
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      ),
    );
    for (const { record_id } of (answer.Items ?? []) as { record_id: string }[]) {
      const parts = record_id.slice(type.length + 1).split("-");
      const number = /^\d{1,15}$/.test(parts.at(-1) ?? "") && parts.length >= 3 ? Number(parts.at(-1)) : 0;
      highest = Math.max(highest, number);
    }
    start = answer.LastEvaluatedKey;
  } while (start);
  return highest;
}
