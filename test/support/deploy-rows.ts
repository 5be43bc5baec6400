import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BatchWriteCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { directDynamodb, directS3, realName } from "./services.ts";

/** A row as it is stored. */
export type Row = Record<string, unknown>;

const TableName = realName("tables", "devops-deployment-manager");
const Bucket = realName("buckets", "assets");
const BATCH = 25;

/** Leaves a row in the table of deployments as somebody else would. */
export async function putDeployRow(row: object): Promise<void> {
  await directDynamodb.send(new PutCommand({ TableName, Item: { ...row } }));
}

/** Leaves many rows behind. */
export async function putDeployRows(rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += BATCH) {
    const requests = rows.slice(at, at + BATCH).map((row) => ({ PutRequest: { Item: { ...row } } }));
    await directDynamodb.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
  }
}

/** All rows of a project, as they are stored. */
export async function deployRows(projectId: string): Promise<Row[]> {
  const rows: Row[] = [];
  let ExclusiveStartKey: Row | undefined;
  do {
    const page = await directDynamodb.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "project_id = :project",
        ExpressionAttributeValues: { ":project": projectId },
        ExclusiveStartKey,
      }),
    );
    rows.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return rows;
}

/** The requests of a project, as they are stored. */
export async function requestRows(projectId: string): Promise<Row[]> {
  return (await deployRows(projectId)).filter(({ record_type }) => record_type === "request");
}

/** The row with the state of a project. */
export async function stateRow(projectId: string): Promise<Row | undefined> {
  return (await deployRows(projectId)).find(({ record_id }) => record_id === "STATE");
}

/** Leaves a file among the configuration of a project. */
export async function putConfig(projectId: string, file: string, content: unknown): Promise<void> {
  const Body = typeof content === "string" ? content : JSON.stringify(content);
  await directS3.send(new PutObjectCommand({ Bucket, Key: `deploy-config/${projectId}/${file}`, Body }));
}

/** A file among the configuration of a project as JSON; undefined where there is none. */
export async function configOf(projectId: string, file: string): Promise<Row | undefined> {
  try {
    const Key = `deploy-config/${projectId}/${file}`;
    const { Body } = await directS3.send(new GetObjectCommand({ Bucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? "");
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

/** The published copy of a project's state; undefined where there is none. */
export function publishedState(projectId: string): Promise<Row | undefined> {
  return configOf(projectId, "state.json");
}
