import { sha256 } from "@enceladus/shared/hash";
import { firstCharacters } from "@enceladus/shared/text";
import { epochSeconds, timestamp } from "@enceladus/shared/time";
import type { Anomaly, AnomalyType, AuditedWrite } from "./judge.ts";

/** The policy that unattributed writes violate, by which they are found. */
export const ATTRIBUTION_POLICY = "write_source_attribution";

/** An anomaly as it is kept, and as everything is told of it: each telling of it is the same, however often. */
export interface Violation {
  /** `GOV-` and 20 hex digits, drawn from the event: of one event there is one violation. */
  violation_id: string;
  policy_id: typeof ATTRIBUTION_POLICY;
  /** When it was first seen, seconds since the epoch. */
  event_epoch: number;
  event_time: string;
  result: AnomalyType;
  /** What the write source claims; `unknown` where it names none. */
  provider: string;
  /** Empty where the row has none. */
  project_id: string;
  /** Whose credential the write source names, or empty. */
  principal: string;
  details: {
    message: string;
    /** The id that people know, else the sort key. */
    record_id: string;
    record_type: string;
    channel: string;
    dispatch_id: string;
    /** JSON text, cut off where it is very long: a foreign value may nest deeper than a row may. */
    write_source: string;
    event_id: string;
    event_name: string;
    updated_at: string;
    last_update_note: string;
  };
  created_at: string;
  /** Seconds since the epoch. */
  expires_at: number;
}

const KEPT_SECONDS = 400 * 86_400;
/** What goes into keys of indexes must be short, and into a message of 256 KB too. */
const MAX_LABEL = 128;
const MAX_NOTE = 200;
const MAX_WRITE_SOURCE = 4_000;

function label(value: unknown, max = MAX_LABEL): string {
  return typeof value === "string" ? firstCharacters(value.toWellFormed().trim(), max) : "";
}

function claimsOf(source: unknown): Readonly<Record<string, unknown>> {
  return typeof source === "object" && source !== null ? (source as Record<string, unknown>) : {};
}

/**
 * What is kept of an anomaly.
 * @param now milliseconds since the epoch
 */
export function violationOf(
  { eventId, eventName, after = {} }: AuditedWrite,
  anomaly: Anomaly,
  now: number,
): Violation {
  const claims = claimsOf(after.write_source);
  const [projectId, principal] = [label(after.project_id), label(claims.principal)];
  const recordId = label(after.item_id) || label(after.record_id) || "unknown";
  const done = eventName === "INSERT" ? "was put in" : "was changed";
  return {
    violation_id: `GOV-${sha256(eventId).slice(0, 20)}`,
    policy_id: ATTRIBUTION_POLICY,
    event_epoch: epochSeconds(now),
    event_time: timestamp(now),
    result: anomaly.type,
    provider: label(claims.provider) || "unknown",
    project_id: projectId,
    principal,
    details: {
      message: `${recordId} in project ${projectId || "unknown"} ${done} by a write that ${anomaly.reason}.`,
      record_id: recordId,
      record_type: label(after.record_type),
      channel: anomaly.channel,
      dispatch_id: label(claims.dispatch_id),
      write_source: firstCharacters((JSON.stringify(after.write_source) ?? "null").toWellFormed(), MAX_WRITE_SOURCE),
      event_id: label(eventId),
      event_name: eventName,
      updated_at: label(after.updated_at),
      last_update_note: label(after.last_update_note, MAX_NOTE),
    },
    created_at: timestamp(now),
    expires_at: epochSeconds(now) + KEPT_SECONDS,
  };
}
