import { randomUUID } from "node:crypto";

/** What a target receives. */
export interface EventEnvelope {
  version: "0";
  id: string;
  "detail-type": string;
  source: string;
  account: string;
  /** ISO 8601 in UTC, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

/** An accepted event and the bus that it lies on. */
export interface BusEvent {
  bus: string;
  envelope: EventEnvelope;
}

export interface PutEventsEntry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  /** Name or ARN; the default bus without it. */
  EventBusName?: string;
  Resources?: string[];
  /** Seconds since 1970. */
  Time?: number;
}

export type PutEventsResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/** Where events are put: which buses there are, and what the envelopes say about account and region. */
export interface BusPlace {
  buses: ReadonlySet<string>;
  account: string;
  region: string;
}

/** A request that is refused as a whole. */
export class RequestError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const MAX_ENTRIES = 10;
/** Of a whole request; 256 KB until January 2026. */
const MAX_REQUEST_BYTES = 1_048_576;
const MAX_DETAIL_TYPE_CHARACTERS = 128;

/**
 * Checks a PutEvents request.
 *
 * @throws RequestError for a request that AWS refuses as a whole; wrong entries are for `acceptEntry`.
 */
export function readEntries(body: unknown): PutEventsEntry[] {
  const entries = isObject(body) ? body.Entries : undefined;
  if (entries === undefined || entries === null) throw constraint("null", "Member must not be null");
  if (!Array.isArray(entries)) throw new RequestError("SerializationException", "Entries must be a list");
  if (entries.length === 0) throw constraint("[]", "Member must have length greater than or equal to 1");
  if (entries.length > MAX_ENTRIES) {
    throw constraint(`[${entries.length} entries]`, `Member must have length less than or equal to ${MAX_ENTRIES}`);
  }
  const read = entries.map(readEntry);
  if (read.reduce((sum, entry) => sum + entrySize(entry), 0) > MAX_REQUEST_BYTES) {
    throw new RequestError("ValidationException", "Total size of the entries in the request is over the limit.");
  }
  return read;
}

/** Accepts or refuses one entry; the others of the request are not touched by a refusal. */
export function acceptEntry(entry: PutEventsEntry, place: BusPlace): { result: PutEventsResult; event?: BusEvent } {
  const { Source, DetailType, Detail } = entry;
  if (!Source) return refuse("InvalidArgument", required("Source"));
  if (!DetailType) return refuse("InvalidArgument", required("DetailType"));
  if (!Detail) return refuse("InvalidArgument", required("Detail"));
  if (Source.startsWith("aws.")) {
    return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  if (DetailType.length > MAX_DETAIL_TYPE_CHARACTERS) {
    return refuse("InvalidArgument", "Parameter DetailType is not valid. Reason: It is longer than 128 characters.");
  }
  const detail = parseDetail(Detail);
  if (detail === undefined) return refuse("MalformedDetail", "Detail is malformed.");
  const bus = busName(entry.EventBusName);
  // Stricter than AWS, which answers with an event id and drops the event: here that is always a mistake to be seen.
  if (!place.buses.has(bus)) return refuse("ResourceNotFoundException", `Event bus ${bus} does not exist.`);
  const event = {
    bus,
    envelope: envelope(place, {
      source: Source,
      detailType: DetailType,
      detail,
      resources: entry.Resources ?? [],
      time: entry.Time === undefined ? new Date() : new Date(entry.Time * 1000),
    }),
  };
  return { result: { EventId: event.envelope.id }, event };
}

export interface EventContent {
  source: string;
  detailType: string;
  detail: unknown;
  resources?: string[];
  time?: Date;
}

/** Dresses an event as targets receive it. */
export function envelope(place: Pick<BusPlace, "account" | "region">, content: EventContent): EventEnvelope {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": content.detailType,
    source: content.source,
    account: place.account,
    time: (content.time ?? new Date()).toISOString().replace(/\.\d+Z$/, "Z"),
    region: place.region,
    resources: content.resources ?? [],
    detail: content.detail,
  };
}

/** The name in a bus's name or ARN (`arn:...:event-bus/name`). */
export function busName(nameOrArn: string | undefined): string {
  return nameOrArn === undefined || nameOrArn === "" ? "default" : (nameOrArn.split("event-bus/").at(-1) ?? nameOrArn);
}

function readEntry(value: unknown): PutEventsEntry {
  if (!isObject(value)) throw new RequestError("SerializationException", "An entry must be an object");
  const text = (key: string): string | undefined => {
    const field = value[key] ?? undefined;
    if (field !== undefined && typeof field !== "string") {
      throw new RequestError("SerializationException", `${key} must be a string`);
    }
    return field;
  };
  const { Resources: resources, Time: time } = value;
  if (resources !== undefined && !(Array.isArray(resources) && resources.every((item) => typeof item === "string"))) {
    throw new RequestError("SerializationException", "Resources must be a list of strings");
  }
  if (time !== undefined && typeof time !== "number") {
    throw new RequestError("SerializationException", "Time must be a timestamp in seconds");
  }
  const entry: PutEventsEntry = {};
  for (const key of ["Source", "DetailType", "Detail", "EventBusName"] as const) {
    const field = text(key);
    if (field !== undefined) entry[key] = field;
  }
  if (resources !== undefined) entry.Resources = resources;
  if (time !== undefined) entry.Time = time;
  return entry;
}

/** The size that AWS charges: 14 bytes for a time, the UTF-8 bytes of the texts. */
function entrySize(entry: PutEventsEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const time = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), time);
}

function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return isObject(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function refuse(ErrorCode: string, ErrorMessage: string): { result: PutEventsResult } {
  return { result: { ErrorCode, ErrorMessage } };
}

function required(name: string): string {
  return `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
}

function constraint(value: string, rule: string): RequestError {
  return new RequestError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at 'entries' failed to satisfy constraint: ${rule}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
