import { type RecordAddress, recordId, type TrackerRecord } from "./record.ts";

const KEPT = 100;
/** Images, and when the answer that brought each of them came, in milliseconds of `performance.now()`. */
const recent = new Map<string, { record: TrackerRecord; at: number }>();

function nameOf(projectId: string, id: string): string {
  return `${projectId}/${id}`;
}

/**
 * Keeps the image of a record that this container has just read or written. It is good for a first attempt at a
 * conditional write, which saves the read; it is never answered to anybody.
 */
export function remember(record: TrackerRecord): void {
  const name = nameOf(record.project_id, record.record_id);
  recent.delete(name);
  recent.set(name, { record, at: performance.now() });
  const oldest = recent.keys().next().value;
  if (recent.size > KEPT && oldest !== undefined) recent.delete(oldest);
}

/** The latest image known to this container, or undefined. */
export function recall(address: RecordAddress): TrackerRecord | undefined {
  return recent.get(nameOf(address.projectId, recordId(address)))?.record;
}

/**
 * The latest image, where the answer that brought it came after a moment. What it shows was so then, or at most as much
 * earlier as that one call of the database was on its way.
 * @param since in milliseconds of `performance.now()`
 */
export function recallSince(address: RecordAddress, since: number): TrackerRecord | undefined {
  const known = recent.get(nameOf(address.projectId, recordId(address)));
  return known && known.at >= since ? known.record : undefined;
}
