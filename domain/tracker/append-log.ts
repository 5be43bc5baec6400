import { invalidInput } from "@enceladus/shared/errors";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { assertNotLocked } from "./lease.ts";
import { type RecordSummary, summaryOf, type Target } from "./record.ts";
import { LIMITS, withinText } from "./text.ts";

/**
 * The text of a worklog entry, trimmed.
 * @throws DomainError INVALID_INPUT
 */
export function parseLogText(description: string | null | undefined): string {
  const text = description?.trim() ?? "";
  if (text === "") throw invalidInput("Field 'description' is required.");
  return withinText("description", text, LIMITS.log);
}

/**
 * Adds a worklog entry to a record.
 * @param description checked by `parseLogText`
 * @throws DomainError NOT_FOUND, CONFLICT (held by somebody else), STALE_FENCE, PRECONDITION_FAILED
 */
export function appendLog(target: Target, writer: Writer, description: string): Promise<RecordSummary> {
  return changeRecord(target, writer, (record, now) => {
    assertNotLocked(record, writer, now, target.preconditions?.fence);
    return { after: record, entry: { operation: "log", note: { status: "worklog", description } }, result: summaryOf };
  });
}
