import type { _Record as SdkRecord } from "@aws-sdk/client-dynamodb-streams";

/** A record as a function receives it, and what the pump needs to know of it. */
export interface StreamRecord {
  sequenceNumber: string;
  /** Milliseconds; never earlier than the change itself. */
  bornAt: number;
  /** Of its JSON. */
  bytes: number;
  /** The entry of `Records`. */
  event: Record<string, unknown>;
}

/** DynamoDB Local rounds the time of a change down to the minute; without this a fresh record could be too old. */
const LOCAL_ROUNDING_MS = 60_000;

/** Dresses a record of the streams API as Lambda does: binaries in Base64, times in seconds, the mapping's ARN. */
export function toStreamRecord(
  record: SdkRecord,
  place: { streamArn: string; region: string; now: number },
): StreamRecord {
  const { dynamodb = {} } = record;
  const created = dynamodb.ApproximateCreationDateTime?.getTime() ?? place.now;
  const event: Record<string, unknown> = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: "aws:dynamodb",
    awsRegion: place.region,
    dynamodb: jsonSafe({ ...dynamodb, ApproximateCreationDateTime: Math.floor(created / 1000) }),
    // DynamoDB Local calls its region "ddblocal".
    eventSourceARN: place.streamArn.replace(":ddblocal:", `:${place.region}:`),
    ...(record.userIdentity && {
      userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId },
    }),
  };
  return {
    sequenceNumber: dynamodb.SequenceNumber ?? "",
    bornAt: Math.min(place.now, created + LOCAL_ROUNDING_MS),
    bytes: Buffer.byteLength(JSON.stringify(event)),
    event,
  };
}

function jsonSafe(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(jsonSafe);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonSafe(item)]));
}
