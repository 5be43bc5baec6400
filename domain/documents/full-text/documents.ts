import { GetObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { s3 } from "@enceladus/shared/s3";
import type { IndexedDocument } from "./index-document.ts";
import { tables } from "./tables.ts";

/** A document's row, as far as the index goes by it. */
export interface DocumentRow extends IndexedDocument {
  s3_bucket?: string | undefined;
  s3_key?: string | undefined;
}

/** The row of a document as it is now. */
export async function currentRow(documentId: string): Promise<DocumentRow | undefined> {
  const Key = { document_id: documentId };
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.documents(), Key, ConsistentRead: true })),
  );
  return Item as DocumentRow | undefined;
}

/** The rows of a project, page by page. */
export async function* rowsOfProject(projectId: string, startBehind?: Record<string, unknown>) {
  let start = startBehind;
  do {
    const answer = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: tables.documents(),
          IndexName: "project-updated-index",
          KeyConditionExpression: "project_id = :project",
          ExpressionAttributeValues: { ":project": projectId },
          ExclusiveStartKey: start,
          Limit: 50,
        }),
      ),
    );
    start = answer.LastEvaluatedKey;
    yield { rows: (answer.Items ?? []) as DocumentRow[], next: start };
  } while (start);
}

/**
 * The body of a document; undefined where it is not there (any more).
 * @returns what is no UTF-8 in it is replaced
 * @throws the AWS error after the client's retries
 */
export async function bodyOf({ s3_bucket, s3_key }: DocumentRow): Promise<string | undefined> {
  if (!s3_bucket || !s3_key) return undefined;
  try {
    const { Body } = await s3().send(new GetObjectCommand({ Bucket: s3_bucket, Key: s3_key }));
    return (await Body?.transformToString("utf-8")) ?? "";
  } catch (error) {
    if (["NoSuchKey", "NoSuchVersion"].includes(awsErrorName(error))) return undefined;
    throw error;
  }
}
