import { DomainError } from "@enceladus/shared/errors";
import type { TrackerRecord } from "./record.ts";

/** @throws DomainError VERSION_CONFLICT when the caller has seen another version than the current one */
export function assertVersion(record: TrackerRecord, expected: number | undefined): void {
  const current = record.sync_version ?? 0;
  if (expected === undefined || expected === current) return;
  throw new DomainError(
    "VERSION_CONFLICT",
    `The record was modified concurrently: it is at version ${current}, not ${expected}.`,
    {
      reason: "VERSION_CONFLICT",
      current_version: current,
      current_status: record.status,
      next_action: "Read the record again and repeat the change if it still makes sense.",
    },
    { retryable: true },
  );
}
