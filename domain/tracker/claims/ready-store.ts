import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { querying } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { type Stall, stalledScope, workScope } from "../readiness.ts";
import type { TrackerRecord } from "../record.ts";
import { refusedStart } from "../record-store.ts";
import { tables } from "../tables.ts";

/** A page of an index. */
export interface IndexPage<Row> {
  rows: Row[];
  last: Record<string, unknown> | undefined;
}

/** The records of one type in one project that can be worked on, or are. */
export interface Work {
  projectId: string;
  type: string;
}

async function page<Row>(input: Omit<QueryCommandInput, "TableName">): Promise<IndexPage<Row>> {
  const answer = await querying(() => dynamodb().send(new QueryCommand({ TableName: tables.records(), ...input })));
  return { rows: (answer.Items ?? []) as Row[], last: answer.LastEvaluatedKey };
}

export interface ReadyQuery {
  limit: number;
  /** A rank behind which the page starts. */
  behind?: string | undefined;
}

/** A page of the ready index, best first. */
export function queryReady(
  { projectId, type }: Work,
  { limit, behind }: ReadyQuery,
): Promise<IndexPage<TrackerRecord>> {
  const from = behind === undefined ? "" : " AND ready_rank > :behind";
  return page<TrackerRecord>({
    IndexName: "ready-index",
    KeyConditionExpression: `ready_scope = :scope${from}`,
    ExpressionAttributeValues: {
      ":scope": workScope(projectId, type),
      ...(behind !== undefined && { ":behind": behind }),
    },
    Limit: limit,
  }).catch((error: unknown) => Promise.reject(behind === undefined ? error : refusedStart(error)));
}

/** How many rows a query finds, and whether it stopped before the end. */
export interface Count {
  count: number;
  isLowerBound: boolean;
}

/** Counts as far as asked for; there may be less than `most` in one read where rows are large. */
async function countUpTo(
  input: Pick<QueryCommandInput, "IndexName" | "KeyConditionExpression" | "ExpressionAttributeValues">,
  most: number,
): Promise<Count> {
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const answer = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: tables.records(),
          ...input,
          Select: "COUNT",
          // One more than wanted tells whether there are more.
          Limit: most + 1 - count,
          ExclusiveStartKey: start,
        }),
      ),
    );
    count += answer.Count ?? 0;
    start = answer.LastEvaluatedKey;
  } while (start && count <= most);
  return count > most ? { count: most, isLowerBound: true } : { count, isLowerBound: false };
}

/** How many records are ready. */
export function countReady({ projectId, type }: Work, most: number): Promise<Count> {
  return countUpTo(
    {
      IndexName: "ready-keys-index",
      KeyConditionExpression: "ready_scope = :scope",
      ExpressionAttributeValues: { ":scope": workScope(projectId, type) },
    },
    most,
  );
}

/** How many open records nobody can work on for now. */
export function countStalled({ projectId, type }: Work, stall: Stall, most: number): Promise<Count> {
  return countUpTo(
    {
      IndexName: "stalled-index",
      KeyConditionExpression: "stalled_scope = :scope",
      ExpressionAttributeValues: { ":scope": stalledScope(projectId, type, stall) },
    },
    most,
  );
}

/** How many records are under a lease that lives. */
export function countLeased({ projectId, type }: Work, now: string, most: number): Promise<Count> {
  return countUpTo(
    {
      IndexName: "leased-index",
      KeyConditionExpression: "leased_scope = :scope AND lease_expires_at > :now",
      ExpressionAttributeValues: { ":scope": workScope(projectId, type), ":now": now },
    },
    most,
  );
}

/** A record under a lease, as its index has it. */
export interface LeasedRow {
  project_id: string;
  record_id: string;
  lease_expires_at: string;
}

/** The leases of a scope, the first to expire first. */
export function queryLeased(
  { projectId, type }: Work,
  limit: number,
  start?: Record<string, unknown>,
): Promise<IndexPage<LeasedRow>> {
  return page<LeasedRow>({
    IndexName: "leased-index",
    KeyConditionExpression: "leased_scope = :scope",
    ExpressionAttributeValues: { ":scope": workScope(projectId, type) },
    Limit: limit,
    ExclusiveStartKey: start,
  });
}
