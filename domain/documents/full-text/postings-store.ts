import { BatchGetCommand, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { documentAt, listKey, placeOf, totalsKey } from "./keys.ts";
import type { Posting, TermList } from "./posting.ts";
import { tables } from "./tables.ts";
import type { TotalsRow } from "./totals.ts";

interface PostingRow {
  list_id: string;
  entry_id: string;
  in_title?: number;
  in_body?: number;
  length: number;
}

function postingOf({ entry_id, in_title = 0, in_body = 0, length }: PostingRow): Posting {
  return { documentId: documentAt(entry_id), inTitle: in_title, inBody: in_body, length };
}

/** A stretch of a list of postings. */
export interface PostingPage {
  postings: Posting[];
  /** The place of the last posting; undefined at the end of the list. */
  last: string | undefined;
}

/**
 * Reads a list on, in the order of its places.
 * @param limit postings at most; as many as fit into one answer, some 10,000, may be fewer
 */
export async function readPostings(list: TermList, limit: number, behind?: string): Promise<PostingPage> {
  const list_id = listKey(list);
  const { Items = [], LastEvaluatedKey } = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.terms(),
        KeyConditionExpression: "list_id = :list",
        ExpressionAttributeValues: { ":list": list_id },
        Limit: limit,
        ExclusiveStartKey: behind === undefined ? undefined : { list_id, entry_id: behind },
      }),
    ),
  );
  const last: unknown = LastEvaluatedKey?.entry_id;
  return { postings: (Items as PostingRow[]).map(postingOf), last: typeof last === "string" ? last : undefined };
}

const KEYS_A_READ = 100;

async function readBatch(keys: Record<string, unknown>[]): Promise<Posting[]> {
  const TableName = tables.terms();
  const postings: Posting[] = [];
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  for (let pending = keys; pending.length > 0; ) {
    const RequestItems = { [TableName]: { Keys: pending } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    postings.push(...((answer.Responses?.[TableName] ?? []) as PostingRow[]).map(postingOf));
    pending = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return postings;
}

/** The postings of these documents in a list; those that are not in it are left out. */
export async function postingsOf(list: TermList, documentIds: readonly string[]): Promise<Posting[]> {
  const list_id = listKey(list);
  const keys = documentIds.map((id) => ({ list_id, entry_id: placeOf(id) }));
  const batches = Array.from({ length: Math.ceil(keys.length / KEYS_A_READ) }, (_, index) =>
    readBatch(keys.slice(index * KEYS_A_READ, (index + 1) * KEYS_A_READ)),
  );
  return (await Promise.all(batches)).flat();
}

/** The totals of a project. */
export async function readTotals(projectId: string): Promise<TotalsRow | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.terms(), Key: totalsKey(projectId) })),
  );
  return Item as TotalsRow | undefined;
}
