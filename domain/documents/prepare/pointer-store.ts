import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { documentFromRow, type StoredDocument } from "../document.ts";
import { tables } from "../tables.ts";

const BATCH = 100;
/** A longer key is none: DynamoDB would refuse the whole batch for it. */
const MAX_KEY_BYTES = 2_048;
const POINTER = "document_id, project_id, s3_bucket, s3_key, content_hash, size_bytes";

async function readBatch(ids: readonly string[]): Promise<StoredDocument[]> {
  const TableName = tables.documents();
  const rows: StoredDocument[] = [];
  let pending: Record<string, unknown>[] = ids.map((document_id) => ({ document_id }));
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (pending.length > 0) {
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: true, ProjectionExpression: POINTER } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    rows.push(...(answer.Responses?.[TableName] ?? []).map(documentFromRow));
    pending = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return rows;
}

/**
 * Where the bodies of documents are, and what is known of them, as last written: one call for a hundred.
 * @param ids any texts
 * @returns by id; documents that do not exist are left out
 * @throws DomainError INTERNAL_ERROR
 */
export async function readPointers(ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>> {
  const unique = [...new Set(ids)].filter((id) => id !== "" && Buffer.byteLength(id) <= MAX_KEY_BYTES);
  const batches = Array.from({ length: Math.ceil(unique.length / BATCH) }, (_, index) =>
    readBatch(unique.slice(index * BATCH, (index + 1) * BATCH)),
  );
  const rows = (await Promise.all(batches)).flat();
  return new Map(rows.map((row) => [row.document_id, row]));
}
