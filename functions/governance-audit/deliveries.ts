import { canonicalHash } from "@enceladus/shared/hash";
import type { AuditedWrite } from "../../domain/governance/index.ts";
import { rowOf } from "./image.ts";

/** Something that is delivered as one, and again as one when it has failed. */
export interface Delivery {
  /** What it is reported by: a sequence number of the stream, an id of a message. */
  id: string;
  source: "tracker-writes" | "tracker-writes-queue";
  /** Undefined for a message that cannot be read. */
  writes: AuditedWrite[] | undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

function writeOf(record: Readonly<Record<string, unknown>>): AuditedWrite {
  const { NewImage, OldImage } = isObject(record.dynamodb) ? record.dynamodb : {};
  return {
    // Of what has no id the same words are the same event.
    eventId: text(record.eventID) || canonicalHash(record),
    eventName: text(record.eventName),
    before: rowOf(OldImage),
    after: rowOf(NewImage),
  };
}

function ofStream(record: Readonly<Record<string, unknown>>): Delivery {
  const { SequenceNumber } = isObject(record.dynamodb) ? record.dynamodb : {};
  return { id: text(SequenceNumber), source: "tracker-writes", writes: [writeOf(record)] };
}

function recordsIn(body: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(body)) return body.filter(isObject);
  return isObject(body) && "dynamodb" in body ? [body] : [];
}

function writesIn(body: unknown): AuditedWrite[] | undefined {
  try {
    return recordsIn(JSON.parse(text(body))).map(writeOf);
  } catch {
    return undefined;
  }
}

function ofQueue(message: Readonly<Record<string, unknown>>): Delivery {
  return { id: text(message.messageId), source: "tracker-writes-queue", writes: writesIn(message.body) };
}

/** The writes that an event tells of: a stream's records, or messages that carry such records. Nothing else has any. */
export function deliveriesOf(event: unknown): Delivery[] {
  const records = isObject(event) && Array.isArray(event.Records) ? event.Records.filter(isObject) : [];
  switch (records[0]?.eventSource) {
    case "aws:dynamodb":
      return records.map(ofStream);
    case "aws:sqs":
      return records.map(ofQueue);
    default:
      return [];
  }
}
