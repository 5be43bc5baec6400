import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import { withReadiness } from "../../domain/tracker/readiness.ts";
import type { TrackerRecord } from "../../domain/tracker/record.ts";
import { directDynamodb, realName } from "./services.ts";
import { aRecord } from "./tracker-values.ts";

const TableName = realName("tables", "devops-project-tracker");
const BATCH = 25;
const AT_ONCE = 8;

/**
 * Puts tasks of a project, `RDY-TSK-001` and so on, with the keys of their indexes: much faster than to create them.
 * @param fields what the n-th has besides, from 1
 * @returns their ids
 */
export async function putReady(
  project_id: string,
  count: number,
  fields: (number: number) => Partial<TrackerRecord> = () => ({}),
): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => {
    const item_id = `RDY-TSK-${String(index + 1).padStart(3, "0")}`;
    return withReadiness(aRecord({ project_id, item_id, fence: 0, ...fields(index + 1) }));
  });
  const puts = rows.map((Item) => ({ PutRequest: { Item } }));
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, index) =>
    puts.slice(index * BATCH, (index + 1) * BATCH),
  );
  const limit = pLimit(AT_ONCE);
  const write = (batch: typeof puts) =>
    directDynamodb.send(new BatchWriteCommand({ RequestItems: { [TableName]: batch } }));
  await Promise.all(batches.map((batch) => limit(write, batch)));
  return rows.map(({ item_id }) => item_id);
}
