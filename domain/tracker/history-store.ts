import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { querying } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import type { HistoryEntry } from "./history.ts";
import type { HistoryNote, TrackerRecord } from "./record.ts";
import type { RecordKey } from "./record-store.ts";
import { tables } from "./tables.ts";

/** A page of a record's chain. */
export interface EntryPage {
  entries: HistoryEntry[];
  /** The `seq` after which the next page starts; undefined at the end. */
  last: number | undefined;
}

export interface EntryQuery {
  order: "oldest-first" | "newest-first";
  limit: number;
  after?: number | undefined;
}

/** Reads a page of the chain of a record. */
export async function queryEntries(record: RecordKey, { order, limit, after }: EntryQuery): Promise<EntryPage> {
  const record_key = `${record.project_id}#${record.record_id}`;
  const answer = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.history(),
        KeyConditionExpression: "record_key = :key",
        ExpressionAttributeValues: { ":key": record_key },
        ScanIndexForward: order === "oldest-first",
        Limit: limit,
        ConsistentRead: true,
        ...(after !== undefined && { ExclusiveStartKey: { record_key, seq: after } }),
      }),
    ),
  );
  const last = answer.LastEvaluatedKey?.seq;
  const entries = ((answer.Items ?? []) as (HistoryEntry & { record_key: string })[]).map(
    ({ record_key: _, ...entry }) => entry,
  );
  return { entries, last: typeof last === "number" ? last : undefined };
}

/** Most entries have a note; where they do not, the next reads look further. */
const FIRST_PAGE = 100;
const NEXT_PAGES = 500;

/** The newest notes of a chain, oldest first, as many as wanted or there are. Entries without one are passed over. */
export async function newestNotes(record: TrackerRecord, wanted: number): Promise<HistoryNote[]> {
  const enough = Math.min(wanted, record.history_notes ?? 0);
  const notes: HistoryNote[] = [];
  let after: number | undefined;
  do {
    const limit = after === undefined ? FIRST_PAGE : NEXT_PAGES;
    const page = await queryEntries(record, { order: "newest-first", limit, after });
    notes.push(...page.entries.flatMap(({ note }) => (note ? [note] : [])));
    after = page.last;
  } while (after !== undefined && notes.length < enough);
  return notes.slice(0, enough).reverse();
}

/** The first note of a chain. */
export async function firstNote(record: TrackerRecord): Promise<HistoryNote | undefined> {
  const { entries } = await queryEntries(record, { order: "oldest-first", limit: 5 });
  return entries.find(({ note }) => note)?.note;
}
