import { BatchWriteCommand, DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import { type HistoryEntry, nextEntry, withHead } from "../../domain/tracker/history.ts";
import type { TrackerRecord } from "../../domain/tracker/record.ts";
import { directDynamodb, realName } from "./services.ts";
import { putRow, rowId } from "./tracker-rows.ts";
import { aWriter } from "./tracker-values.ts";

const TableName = realName("tables", "tracker-history");
const BATCH = 25;
const AT_ONCE = 8;

function keyOf({ project_id, record_id }: HistoryEntry): string {
  return `${project_id}#${record_id}`;
}

/** Puts an entry into the history table behind the API, over whatever is there. */
export async function putEntry(entry: HistoryEntry, record_key: string = keyOf(entry)): Promise<void> {
  await directDynamodb.send(new PutCommand({ TableName, Item: { record_key, ...entry } }));
}

/** Takes an entry out of the history table. */
export async function removeEntry(entry: HistoryEntry): Promise<void> {
  await directDynamodb.send(new DeleteCommand({ TableName, Key: { record_key: keyOf(entry), seq: entry.seq } }));
}

/**
 * Puts a record with a chain of some length, as so many changes would have left it: much faster than to make them.
 * @param text stands in each entry
 */
export async function putChain(project_id: string, item_id: string, length: number, text = "x") {
  const record_id = rowId(item_id);
  const [record_type = ""] = record_id.split("#");
  let row: TrackerRecord = { project_id, record_id, record_type, item_id, title: "Long-lived", status: "open" };
  const chain: HistoryEntry[] = [];
  for (let count = 1; count <= length; count += 1) {
    const after = { ...row, count, sync_version: count };
    const entry = nextEntry(row, after, { operation: "update", reason: text }, aWriter(), "2026-02-03T04:05:06Z");
    row = withHead(after, entry);
    chain.push(entry);
  }
  const puts = chain.map((entry) => ({ PutRequest: { Item: { record_key: keyOf(entry), ...entry } } }));
  const batches = Array.from({ length: Math.ceil(length / BATCH) }, (_, index) =>
    puts.slice(index * BATCH, (index + 1) * BATCH),
  );
  const write = (batch: typeof puts) =>
    directDynamodb.send(new BatchWriteCommand({ RequestItems: { [TableName]: batch } }));
  const limit = pLimit(AT_ONCE);
  await Promise.all(batches.map((batch) => limit(write, batch)));
  await putRow(row);
  return { row, chain };
}
