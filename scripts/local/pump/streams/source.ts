import { compileFilters, type Matcher } from "../../event-bus/pattern.ts";
import { type EventReader, isProperties } from "../config-reader.ts";

/** An event source mapping of a DynamoDB stream, read from a function's `stream` event. */
export interface StreamSource {
  place: string;
  functionKey: string;
  streamArn: string;
  batchSize: number;
  batchWindowMs: number;
  startingPosition: "TRIM_HORIZON" | "LATEST";
  matches: Matcher;
  reportsFailures: boolean;
  bisects: boolean;
  /** -1: until the record is too old. */
  maximumRetries: number;
  /** Without it records live as long as the stream keeps them. */
  maximumAgeMs?: number;
  /** ARN of the queue or topic that hears of discarded records. */
  onFailure?: string;
}

/** Reads a `stream` event; the defaults are those of the deployed mapping. */
export function readStreamSource(functionKey: string, event: EventReader): StreamSource {
  const streamArn = event.reference("arn");
  if (!streamArn.includes("/stream/")) throw event.error(`${streamArn} is no DynamoDB stream`);
  if (event.number("tumblingWindowInSeconds", 0) > 0 || event.number("parallelizationFactor", 1) > 1) {
    throw event.error("tumbling windows and parallelizationFactor are not imitated locally");
  }
  const startingPosition = event.raw("startingPosition") ?? "TRIM_HORIZON";
  if (startingPosition !== "TRIM_HORIZON" && startingPosition !== "LATEST") {
    throw event.error(`a DynamoDB stream has no starting position ${String(startingPosition)}`);
  }
  const maximumAge = event.number("maximumRecordAgeInSeconds", -1);
  const onFailure = readOnFailure(event);
  return {
    place: event.place,
    functionKey,
    streamArn,
    batchSize: event.number("batchSize", 10),
    batchWindowMs: event.number("batchWindow", 0) * 1000,
    startingPosition,
    matches: compileFilters(event.list("filterPatterns")),
    reportsFailures: event.raw("functionResponseType") === "ReportBatchItemFailures",
    bisects: event.flag("bisectBatchOnFunctionError"),
    maximumRetries: event.number("maximumRetryAttempts", -1),
    ...(maximumAge >= 0 && { maximumAgeMs: maximumAge * 1000 }),
    ...(onFailure !== undefined && { onFailure }),
  };
}

function readOnFailure(event: EventReader): string | undefined {
  const destinations = event.raw("destinations");
  if (!isProperties(destinations)) return undefined;
  const target = destinations.onFailure;
  // `{ arn, type }` where the ARN is a reference, else the ARN itself.
  return event.resolve(isProperties(target) && "arn" in target ? target.arn : target, "destinations.onFailure");
}
