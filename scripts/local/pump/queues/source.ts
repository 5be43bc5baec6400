import { compileFilters, type Matcher } from "../../event-bus/pattern.ts";
import type { EventReader } from "../config-reader.ts";
import type { DeclaredFunction } from "../types.ts";

/** An event source mapping of a queue, read from a function's `sqs` event. */
export interface QueueSource {
  place: string;
  functionKey: string;
  queueArn: string;
  fifo: boolean;
  batchSize: number;
  batchWindowMs: number;
  matches: Matcher;
  reportsFailures: boolean;
  /** Batches under way at once. */
  concurrency: number;
}

const LAMBDA_DEFAULT_TIMEOUT_SECONDS = 6;
/** AWS starts with five readers a queue and adds more under load; five batches at once are a laptop's load. */
const DEFAULT_CONCURRENCY = 5;
const MAX_RECEIVED = 10;

/**
 * Reads an `sqs` event, and refuses what AWS refuses when the mapping is created.
 *
 * @param visibilityTimeout of the queue, in seconds
 */
export function readQueueSource(
  fn: DeclaredFunction,
  event: EventReader,
  queue: { arn: string; visibilityTimeout: number },
): QueueSource {
  const fifo = queue.arn.endsWith(".fifo");
  const batchSize = event.number("batchSize", 10);
  const window = event.number("maximumBatchingWindow", 0);
  const timeout = fn.timeout ?? LAMBDA_DEFAULT_TIMEOUT_SECONDS;
  if (fifo && window > 0) throw event.error("a FIFO queue has no batching window");
  if (batchSize > MAX_RECEIVED && fifo) throw event.error("a batch of a FIFO queue has at most 10 messages");
  if (batchSize > MAX_RECEIVED && window === 0) throw event.error("batches above 10 messages need a batching window");
  if (queue.visibilityTimeout < timeout) {
    throw event.error(
      `the queue's visibility timeout (${queue.visibilityTimeout} s) is less than the function's timeout (${timeout} s)`,
    );
  }
  return {
    place: event.place,
    functionKey: fn.key,
    queueArn: queue.arn,
    fifo,
    batchSize,
    batchWindowMs: window * 1000,
    matches: compileFilters(event.list("filterPatterns")),
    reportsFailures: event.raw("functionResponseType") === "ReportBatchItemFailures",
    concurrency: Math.min(event.number("maximumConcurrency", DEFAULT_CONCURRENCY), fn.reservedConcurrency ?? 1000),
  };
}
