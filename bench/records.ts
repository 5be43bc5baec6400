import { BatchWriteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import type { Container } from "./container.ts";
import { TITLE, type TrackerRequests } from "./requests.ts";
import type { Stage } from "./stage.ts";

export type Row = Readonly<Record<string, unknown>>;

const PREFIX = "BEN";
/** Ids have six digits from the start, so that records of small and large projects have equal sizes. */
const FIRST_NUMBER = 100_001;

/** A change always moves a row this old in the indexes that are ordered by time. */
const LONG_AGO = "2026-01-01T00:00:00Z";

/** The id of the n-th task of a project of the bench, n from 0. */
export function taskId(n: number, prefix = PREFIX): string {
  return `${prefix}-TSK-${FIRST_NUMBER + n}`;
}

/** Registers a project and puts its counter below the first number. */
export async function registerProject(
  { database, tables }: Stage,
  projectId: string,
  tasks: number,
  prefix = PREFIX,
): Promise<void> {
  const project = { project_id: projectId, prefix, path: "", summary: "", status: "development" };
  const stamps = { created_at: LONG_AGO, updated_at: LONG_AGO, created_by: "bench", registry: "project" };
  const counter = { record_id: "counter#task", record_type: "counter", item_id: "COUNTER-TASK" };
  const next = { next_num: FIRST_NUMBER + tasks - 1, created_at: LONG_AGO, updated_at: LONG_AGO };
  await database.send(new PutCommand({ TableName: tables.projects, Item: { ...project, ...stamps } }));
  await database.send(
    new PutCommand({ TableName: tables.records, Item: { project_id: projectId, ...counter, ...next } }),
  );
}

/** A row as the tracker itself writes it, with five notes in its history: what all others are copies of. */
export async function writtenRow(stage: Stage, container: Container, requests: TrackerRequests): Promise<Row> {
  const { body } = await container.call(requests.create(TITLE));
  const itemId = String(body.record_id);
  for (const name of ["ada", "grace", "edsger", "barbara"]) await container.call(requests.patch(itemId, name));
  const { body: read } = await container.call(requests.get(itemId));
  const { project_id, record_id } = read.record as Row;
  const { Item } = await stage.database.send(
    new GetCommand({ TableName: stage.tables.records, Key: { project_id, record_id } }),
  );
  if (!Item) throw new Error("the record is gone");
  return Item;
}

/** How the number of an id stands in a rank. */
function numberInRank(itemId: string): string {
  return `#${(itemId.split("-")[2] ?? "").padStart(15, "0")}#`;
}

/** The same record in another project under another id. */
function copyOf(row: Row, projectId: string, itemId: string): Row {
  const copy = JSON.stringify(row)
    .replaceAll(String(row.item_id), itemId)
    .replaceAll(numberInRank(String(row.item_id)), numberInRank(itemId))
    .replaceAll(String(row.project_id), projectId);
  return { ...(JSON.parse(copy) as Row), updated_at: LONG_AGO };
}

const BATCH = 25;

/** Fills a project with copies of a row. */
export async function fillProject(
  stage: Stage,
  row: Row,
  projectId: string,
  tasks: number,
  prefix = PREFIX,
): Promise<void> {
  await registerProject(stage, projectId, tasks, prefix);
  const limit = pLimit(4);
  const batches = Array.from({ length: Math.ceil(tasks / BATCH) }, (_, batch) => batch * BATCH);
  await limit.map(batches, async (start) => {
    const numbers = Array.from({ length: Math.min(BATCH, tasks - start) }, (_, index) => start + index);
    const requests = numbers.map((n) => ({ PutRequest: { Item: copyOf(row, projectId, taskId(n, prefix)) } }));
    const answer = await stage.database.send(
      new BatchWriteCommand({ RequestItems: { [stage.tables.records]: requests } }),
    );
    if (Object.keys(answer.UnprocessedItems ?? {}).length > 0) throw new Error("DynamoDB Local left rows unwritten");
  });
}
