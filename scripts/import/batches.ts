import type { PlannedRecord } from "./plan.ts";

/** Half of what the API takes in a call: a busy API, too, is done with them well before its function has to end. */
const MOST_RECORDS = 12;
/** Well below the largest body that the API reads, and work that ends well before a function has to. */
const MOST_BYTES = 900_000;
const MOST_EDGES = 60;

/** The id of a task is known once the call that carries it is answered. */
function namesTaskOf(batch: readonly PlannedRecord[], { primaryTask }: PlannedRecord): boolean {
  return primaryTask !== undefined && batch.some(({ record }) => record.external_id === primaryTask);
}

/** Cuts a plan into calls, in its order. */
export function inBatches(records: readonly PlannedRecord[]): PlannedRecord[][] {
  const batches: PlannedRecord[][] = [];
  let batch: PlannedRecord[] = [];
  let [bytes, edges] = [0, 0];
  for (const planned of records) {
    const size = Buffer.byteLength(JSON.stringify(planned.record));
    const links = planned.imported.edges.length;
    const isFull = batch.length === MOST_RECORDS || bytes + size > MOST_BYTES || edges + links > MOST_EDGES;
    if (batch.length > 0 && (isFull || namesTaskOf(batch, planned))) {
      batches.push(batch);
      batch = [];
      [bytes, edges] = [0, 0];
    }
    batch.push(planned);
    bytes += size;
    edges += links;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
