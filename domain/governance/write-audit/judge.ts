import { isDeepStrictEqual } from "node:util";
import { firstCharacters } from "@enceladus/shared/text";
import type { AuditRules } from "./rules.ts";

/** A row of the tracker as plain values; numbers are kept as text. It may hold anything: whoever wrote it is the question. */
export type AuditedRow = Readonly<Record<string, unknown>>;

/** A change of a row that somebody has made. */
export interface AuditedWrite {
  /** The same in every delivery. */
  eventId: string;
  /** `INSERT`, `MODIFY` or `REMOVE`. */
  eventName: string;
  before: AuditedRow | undefined;
  after: AuditedRow | undefined;
}

export type AnomalyType = "MISSING_WRITE_SOURCE" | "EMPTY_WRITE_SOURCE" | "UNKNOWN_CHANNEL" | "STALE_WRITE_SOURCE";

export interface Anomaly {
  type: AnomalyType;
  /** As the row has it, in text; empty where it has none. */
  channel: string;
  /** What is wrong with the attribution, as the end of a sentence about the write. */
  reason: string;
}

/** Rows that the system keeps for itself. They are nobody's work, and no alert. */
export const HOUSEKEEPING: ReadonlySet<unknown> = new Set([
  "reference",
  "counter",
  "idempotency",
  "history_chunk",
  "outbox",
]);

const MAX_CHANNEL = 100;

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The channel that a write source names, of whatever type it is; a text stands for itself. */
function channelOf(writeSource: unknown): unknown {
  return isMap(writeSource) ? writeSource.channel : writeSource;
}

function asText(channel: unknown): string {
  const text = typeof channel === "string" ? channel : JSON.stringify(channel);
  return firstCharacters(text.toWellFormed(), MAX_CHANNEL);
}

/** A change under a stamp that was there before: whoever made it has not signed it. */
function isStale({ eventName, before, after }: AuditedWrite): boolean {
  if (eventName !== "MODIFY" || !before || !after) return false;
  if (!isDeepStrictEqual(before.write_source, after.write_source)) return false;
  // Stamps without an id may be equal for two writes within a second; then only the time of the row tells.
  const hasId = isMap(after.write_source) && after.write_source.write_id !== undefined;
  return hasId || before.updated_at !== after.updated_at;
}

/**
 * Judges whether a write says by which known way it came.
 * @returns `not judged` for removals and what is no change of a row
 */
export function judge(write: AuditedWrite, rules: AuditRules): "not judged" | "clean" | Anomaly {
  const { eventName, after } = write;
  if ((eventName !== "INSERT" && eventName !== "MODIFY") || !after) return "not judged";
  if (HOUSEKEEPING.has(after.record_type)) return "clean";
  const source = after.write_source;
  if (source === undefined || source === null) {
    return { type: "MISSING_WRITE_SOURCE", channel: "", reason: "has no write source" };
  }
  const channel = channelOf(source);
  if (channel === undefined || channel === null || channel === "") {
    return { type: "EMPTY_WRITE_SOURCE", channel: "", reason: "has a write source that names no channel" };
  }
  if (typeof channel !== "string" || !rules.knownChannels.has(channel)) {
    const text = asText(channel);
    return { type: "UNKNOWN_CHANNEL", channel: text, reason: `came by the unknown channel "${text}"` };
  }
  if (rules.detectsStale && isStale(write)) {
    return {
      type: "STALE_WRITE_SOURCE",
      channel: asText(channel),
      reason: "left the stamp of an earlier write in place: whom it names has not made this one",
    };
  }
  return "clean";
}
