import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "@jest/globals";
import type { HistoryEntry } from "../../domain/tracker/history.ts";
import type { TrackerRecord } from "../../domain/tracker/record.ts";
import { firstBreak } from "./history-chain.ts";
import { directDynamodb, realName } from "./services.ts";
import { pathOf } from "./tracker-api.ts";

/** The sort key of a record. */
export function rowId(itemId: string): string {
  return `${pathOf("-", itemId).split("/")[2]}#${itemId}`;
}

/** Puts a row into the tracker table as somebody else would have left it there. */
export async function putRow(row: Record<string, unknown>): Promise<void> {
  await directDynamodb.send(new PutCommand({ TableName: realName("tables", "devops-project-tracker"), Item: row }));
}

/** A row of the tracker table as it is stored. */
export async function rowOf(project_id: string, record_id: string): Promise<TrackerRecord | undefined> {
  const TableName = realName("tables", "devops-project-tracker");
  const { Item } = await directDynamodb.send(
    new GetCommand({ TableName, Key: { project_id, record_id }, ConsistentRead: true }),
  );
  return Item as TrackerRecord | undefined;
}

/** A record as it is stored. */
export async function stored(projectId: string, itemId: string): Promise<TrackerRecord> {
  const row = await rowOf(projectId, rowId(itemId));
  if (!row) throw new Error(`${itemId} is not stored`);
  return row;
}

/** Puts a row into the table of links. */
export async function putLink(link: Record<string, unknown>): Promise<void> {
  await directDynamodb.send(new PutCommand({ TableName: realName("tables", "tracker-links"), Item: link }));
}

async function queryAll<Row>(table: string, hash: string, value: string): Promise<Row[]> {
  const rows: Row[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const answer = await directDynamodb.send(
      new QueryCommand({
        TableName: realName("tables", table),
        KeyConditionExpression: "#hash = :value",
        ExpressionAttributeNames: { "#hash": hash },
        ExpressionAttributeValues: { ":value": value },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    rows.push(...((answer.Items ?? []) as Row[]));
    start = answer.LastEvaluatedKey;
  } while (start);
  return rows;
}

/** Every row of a project. */
export function rowsOf(projectId: string): Promise<TrackerRecord[]> {
  return queryAll("devops-project-tracker", "project_id", projectId);
}

/** The chain of a record, oldest entry first. */
export async function chainOf(projectId: string, itemId: string): Promise<HistoryEntry[]> {
  const key = `${projectId}#${rowId(itemId)}`;
  const rows = await queryAll<HistoryEntry & { record_key: string }>("tracker-history", "record_key", key);
  return rows.map(({ record_key: _, ...entry }) => entry);
}

/** The links that start or end at a node. */
export function linksOf(node: string): Promise<{ link: string }[]> {
  return queryAll("tracker-links", "node", node);
}

/** What is stored of a record: its row and how long its chain is. */
export async function snapshot(projectId: string, itemId: string) {
  return { row: await rowOf(projectId, rowId(itemId)), entries: (await chainOf(projectId, itemId)).length };
}

/** One entry a change, all of them chained, and the record at the head. */
export async function expectIntact(projectId: string, row: TrackerRecord): Promise<void> {
  const chain = await chainOf(projectId, row.item_id);
  const place = { record: row.item_id, firstBreak: firstBreak(chain), entries: chain.length, head: row.history_hash };
  expect(place).toEqual({
    record: row.item_id,
    firstBreak: undefined,
    entries: row.sync_version,
    head: chain.at(-1)?.hash,
  });
  expect(row.history_seq).toBe(chain.length);
}

/** Every record of a project has its chain. @returns the records */
export async function expectAllIntact(projectId: string): Promise<TrackerRecord[]> {
  const rows = await rowsOf(projectId);
  const records = rows.filter(({ record_type }) => ["task", "issue", "feature"].includes(record_type));
  for (const row of records) await expectIntact(projectId, row);
  return records;
}
