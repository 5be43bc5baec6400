import { createHash, randomUUID } from "node:crypto";
import { CreateTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "@jest/globals";
import type { DocumentEntry, StoredDocument } from "../../domain/documents/index.ts";
import { firstBreak } from "./history-chain.ts";
import { directDynamodb, directS3, realName } from "./services.ts";

const BODIES = "agent-documents";

/**
 * Gives this process a table of loose bodies of its own: a sweep knows no projects, and one with its clock put forward
 * takes what other test files need. To be called behind `actAs`.
 */
export async function useOwnBodiesTable(): Promise<void> {
  const shared = realName("tables", "document-bodies");
  const { Table = {} } = await directDynamodb.send(new DescribeTableCommand({ TableName: shared }));
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [] } = Table;
  const TableName = `${shared}-${randomUUID()}`;
  await directDynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions,
      KeySchema,
      BillingMode: "PAY_PER_REQUEST",
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
        IndexName,
        KeySchema: keys,
        Projection,
      })),
    }),
  );
  process.env.DOCUMENT_BODIES_TABLE = TableName;
}

/** The row of a document as it is stored. */
export async function rowOfDocument(document_id: string): Promise<StoredDocument | undefined> {
  const TableName = realName("tables", "documents");
  const { Item } = await directDynamodb.send(new GetCommand({ TableName, Key: { document_id }, ConsistentRead: true }));
  return Item as StoredDocument | undefined;
}

async function query<Row>(TableName: string, index: string | undefined, key: string, value: string): Promise<Row[]> {
  const { Items } = await directDynamodb.send(
    new QueryCommand({
      TableName,
      IndexName: index,
      KeyConditionExpression: "#key = :value",
      ExpressionAttributeNames: { "#key": key },
      ExpressionAttributeValues: { ":value": value },
    }),
  );
  return (Items ?? []) as Row[];
}

/** The rows of a project's documents. */
export function rowsOfProject(projectId: string): Promise<StoredDocument[]> {
  return query(realName("tables", "documents"), "project-updated-index", "project_id", projectId);
}

/** The chain of a document, oldest entry first. */
export function entriesOfDocument(documentId: string): Promise<DocumentEntry[]> {
  return query(realName("tables", "document-history"), undefined, "document_id", documentId);
}

/** The keys of a project's loose bodies, in order. */
export async function looseBodies(projectId: string): Promise<string[]> {
  const rows = await query<{ project_id: string; s3_key: string }>(
    process.env.DOCUMENT_BODIES_TABLE ?? "",
    "due-index",
    "loose",
    "body",
  );
  return rows.flatMap(({ project_id, s3_key }) => (project_id === projectId ? [s3_key] : [])).sort();
}

/** The keys of all that a project has in the bucket, in order. */
export async function bodiesInBucket(projectId: string): Promise<string[]> {
  const { Contents = [] } = await directS3.send(
    new ListObjectsV2Command({ Bucket: realName("buckets", "assets"), Prefix: `${BODIES}/${projectId}/` }),
  );
  return Contents.map(({ Key = "" }) => Key).sort();
}

/** An object of the bucket, as it is stored. */
export async function objectAt(Key: string) {
  const answer = await directS3.send(new GetObjectCommand({ Bucket: realName("buckets", "assets"), Key }));
  const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  return { bytes, contentType: answer.ContentType, cacheControl: answer.CacheControl };
}

/**
 * What holds of a project's documents at any time: every row has its body, and nothing else is in the bucket but what is
 * announced; every version has its entry, and the chain fits.
 * @returns the rows
 */
export async function expectDocumentsIntact(projectId: string): Promise<StoredDocument[]> {
  const rows = await rowsOfProject(projectId);
  const [inBucket, loose] = await Promise.all([bodiesInBucket(projectId), looseBodies(projectId)]);
  for (const row of rows) {
    const { bytes } = await objectAt(row.s3_key ?? "");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(row.content_hash);
    expect(bytes.byteLength).toBe(row.size_bytes);
    const entries = await entriesOfDocument(row.document_id);
    expect(entries).toHaveLength(row.version ?? 0);
    expect(firstBreak(entries)).toBeUndefined();
    expect(entries.at(-1)).toMatchObject({ seq: row.history_seq, hash: row.history_hash, version: row.version });
  }
  const known = new Set([...rows.map(({ s3_key }) => s3_key), ...loose]);
  expect(inBucket.filter((key) => !known.has(key))).toEqual([]);
  return rows;
}
