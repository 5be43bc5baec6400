import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DeleteCommand, GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { sha256 } from "@enceladus/shared/hash";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { contributionOf } from "../../domain/documents/full-text/contribution.ts";
import { termsOfDocument } from "../../domain/documents/full-text/document-terms.ts";
import { listKey } from "../../domain/documents/full-text/keys.ts";
import { about } from "../../domain/documents/full-text/posting.ts";
import { handler } from "../../functions/document-indexer/handler.ts";
import { systemClock } from "../../scripts/local/pump/clock.ts";
import { openStream } from "../../scripts/local/pump/streams/api.ts";
import { directDynamodb, directS3, realName, services } from "./services.ts";

const TERMS = () => realName("tables", "document-terms");
const DOCUMENTS = () => realName("tables", "documents");

/** A document as a test says it, with its text. */
export interface TestDocument {
  document_id: string;
  project_id: string;
  title: string;
  text: string;
  status?: "active" | "archived";
  version?: number;
}

/** Puts a body in its place, where the row of a document points at. */
async function putBody({ project_id, document_id, text }: TestDocument) {
  const s3_bucket = realName("buckets", "assets");
  const s3_key = `agent-documents/${project_id}/${document_id}/${sha256(text)}.md`;
  await directS3.send(new PutObjectCommand({ Bucket: s3_bucket, Key: s3_key, Body: text }));
  return { s3_bucket, s3_key };
}

/** Writes a version of a document past the API: its body, then its row. */
export async function putDocument(document: TestDocument): Promise<void> {
  const { text: _, ...row } = document;
  const place = await putBody(document);
  const Item = { status: "active", version: 1, updated_at: "2026-01-05T10:00:00Z", ...row, ...place };
  await directDynamodb.send(new PutCommand({ TableName: DOCUMENTS(), Item }));
}

export async function deleteDocument(document_id: string): Promise<void> {
  await directDynamodb.send(new DeleteCommand({ TableName: DOCUMENTS(), Key: { document_id } }));
}

/** What the stream of documents tells of some of them, all of it, in its order. */
export async function newsOf(documentIds: readonly string[], expected: number): Promise<DynamoDBRecord[]> {
  const { Table } = await directDynamodb.send(new DescribeTableCommand({ TableName: DOCUMENTS() }));
  const { direct, region, credentials } = services;
  const stream = openStream(Table?.LatestStreamArn ?? "", { direct, region, credentials, clock: systemClock });
  const found: DynamoDBRecord[] = [];
  for (const { id } of await stream.shards()) {
    let next: string | undefined = await stream.iterator(id, { type: "TRIM_HORIZON" });
    while (next !== undefined && found.length < expected) {
      const page = await stream.read(next);
      const records = page.records.map(({ event }) => event as DynamoDBRecord);
      found.push(...records.filter(({ dynamodb }) => documentIds.includes(dynamodb?.Keys?.document_id?.S ?? "")));
      next = page.next;
    }
  }
  stream.close();
  return found;
}

/** Hands news to the indexer as the stream does. @returns what it reports */
export async function deliver(records: readonly DynamoDBRecord[]): Promise<unknown> {
  const context = { getRemainingTimeInMillis: () => 180_000 } as Context;
  return handler({ Records: [...records] }, context);
}

/** All postings and totals that the index has of a project: lists of `document frequency-in-title/in-body/length`. */
export async function indexOf(project: string): Promise<Record<string, unknown>> {
  const lists: Record<string, string[]> = {};
  let start: Record<string, unknown> | undefined;
  do {
    const page = await directDynamodb.send(
      new ScanCommand({
        TableName: TERMS(),
        FilterExpression: "begins_with(list_id, :project)",
        ExpressionAttributeValues: { ":project": `${project}#` },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    for (const { list_id, entry_id, in_title = 0, in_body = 0, length } of page.Items ?? []) {
      const list = lists[list_id] ?? [];
      lists[list_id] = list;
      list.push(`${entry_id.slice(9)} ${in_title}/${in_body}/${length}`);
    }
    start = page.LastEvaluatedKey;
  } while (start);
  for (const list of Object.values(lists)) list.sort();
  const Key = { list_id: `#project#${project}`, entry_id: "totals" };
  const { Item = {} } = await directDynamodb.send(new GetCommand({ TableName: TERMS(), Key, ConsistentRead: true }));
  const { list_id: _, entry_id: __, ...totals } = Item;
  return { lists, totals };
}

/** What the index should have of a project that has these documents and no others. */
export async function indexExpected(documents: readonly TestDocument[]): Promise<Record<string, unknown>> {
  const lists: Record<string, string[]> = {};
  const totals = { active_documents: 0, active_length: 0, archived_documents: 0, archived_length: 0 };
  for (const document of documents) {
    const { projectId, status, terms, length } = contributionOf(
      document,
      await termsOfDocument(document.title, document.text),
    );
    totals[`${status}_documents`] += 1;
    totals[`${status}_length`] += length;
    for (const [term, { inTitle, inBody }] of terms) {
      const key = listKey({ projectId, status, term });
      const list = lists[key] ?? [];
      lists[key] = list;
      list.push(`${document.document_id} ${inTitle}/${inBody}/${about(length)}`);
    }
  }
  for (const list of Object.values(lists)) list.sort();
  return { lists, totals };
}
