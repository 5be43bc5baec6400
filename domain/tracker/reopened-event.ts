import { publishEvent } from "@enceladus/shared/events";
import type { RecordSummary } from "./record.ts";

/**
 * Tells the bus that a closed record is open again; after the write, and never at the price of the request.
 * @param previous the status it had before
 */
export async function publishReopened(record: RecordSummary, previous: string): Promise<void> {
  await publishEvent({
    source: "enceladus.tracker",
    detailType: "record.status.reopened",
    detail: {
      project_id: record.project_id,
      record_type: record.record_type,
      record_id: record.item_id,
      previous_status: previous,
      new_status: record.status,
      reopened_at: record.updated_at,
    },
  });
}
