import { invalidInput } from "@enceladus/shared/errors";
import { characters } from "@enceladus/shared/text";
import type { TrackerRecord } from "./record.ts";

const MAX_NOTE_CHARACTERS = 2_000;
const MAX_PENDING_CHARACTERS = 10_000;
const EVERY_PENDING_NOTE = "pending";

/**
 * The note of a person for the next agent, trimmed.
 * @throws DomainError INVALID_INPUT when it is blank or too long
 */
export function parseNote(note: unknown): string {
  const text = typeof note === "string" ? note.trim() : "";
  if (text === "") throw invalidInput("Field 'note' is required.");
  if (characters(text) > MAX_NOTE_CHARACTERS) {
    throw invalidInput(`Field 'note' exceeds the maximum length of ${MAX_NOTE_CHARACTERS} characters.`);
  }
  return text;
}

/** The record with a pending note, or without one: the keys of the sparse indexes exist only while there is a note. */
export function withPendingNote(record: TrackerRecord, note: string, now: string): TrackerRecord {
  const pending = note !== "";
  return {
    ...record,
    update: note,
    pending_update_at: pending ? now : undefined,
    pending_scope: pending ? EVERY_PENDING_NOTE : undefined,
  };
}

/**
 * A second note while one is pending is added to it, so that neither is lost.
 * @throws DomainError INVALID_INPUT when both together are too long
 */
export function appendNote(pending: unknown, note: string): string {
  if (typeof pending !== "string" || pending === "") return note;
  const both = `${pending}\n\n${note}`;
  if (characters(both) > MAX_PENDING_CHARACTERS) {
    throw invalidInput(`The pending notes together exceed the maximum length of ${MAX_PENDING_CHARACTERS} characters.`);
  }
  return both;
}

/** The partition of the index that holds every pending note of all projects. */
export const PENDING_SCOPE = EVERY_PENDING_NOTE;
