import { invalidInput } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { assertNotLocked } from "./lease.ts";
import { doneBefore, markDone } from "./once.ts";
import { remember } from "./recent-records.ts";
import type { RecordAddress } from "./record.ts";
import { LIMITS, withinText } from "./text.ts";

export interface Logged {
  itemId: string;
  /** When the entry was written. */
  at: string;
}

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
 * @param onceKey stands for the call where its caller has given it a key: whoever repeats it adds nothing
 * @returns the record that it was added to, and when
 * @throws DomainError NOT_FOUND, CONFLICT (held by somebody else)
 */
export function appendLog(
  address: RecordAddress,
  writer: Writer,
  description: string,
  onceKey?: string,
): Promise<Logged> {
  return changeRecord<Logged>(address, writer, (record, now) => {
    assertNotLocked(record, writer, now);
    const logged = { itemId: record.item_id, at: timestamp(now) };
    return {
      after: record,
      entry: { operation: "log", note: { status: "worklog", description } },
      ...(onceKey !== undefined && {
        once: {
          mark: markDone(onceKey, { item_id: logged.itemId, at: logged.at }, now),
          answer: async () => ({ ...logged, at: (await doneBefore(onceKey))?.at ?? logged.at }),
        },
      }),
      result: (written) => {
        remember(written);
        return logged;
      },
    };
  });
}
