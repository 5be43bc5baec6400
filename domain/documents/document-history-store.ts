import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { querying } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import type { DocumentEntry } from "./document-entry.ts";
import { tables } from "./tables.ts";

/** The part of a transaction that appends to a chain; an entry is never written over. */
export function putEntry(entry: DocumentEntry): TransactItem {
  const neverWrittenBefore = "attribute_not_exists(document_id)";
  return { Put: { TableName: tables.history(), Item: entry, ConditionExpression: neverWrittenBefore } };
}

/** A page of a chain. */
export interface EntryPage {
  entries: DocumentEntry[];
  /** The `seq` before which the next page begins; undefined at the end. */
  last: number | undefined;
}

/**
 * A page of the chain of a document as it is now, newest entry first.
 * @param before only entries with a lower `seq`; undefined for all
 * @throws DomainError INTERNAL_ERROR
 */
export async function queryEntries(documentId: string, before: number | undefined, limit: number): Promise<EntryPage> {
  const { Items, LastEvaluatedKey } = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.history(),
        KeyConditionExpression: "document_id = :document",
        ExpressionAttributeValues: { ":document": documentId },
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
        ...(before !== undefined && { ExclusiveStartKey: { document_id: documentId, seq: before } }),
      }),
    ),
  );
  const last = LastEvaluatedKey?.seq;
  return { entries: (Items ?? []) as DocumentEntry[], last: typeof last === "number" ? last : undefined };
}
