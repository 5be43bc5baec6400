import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type * as z from "zod";
import { type GroupBy, type Messages, planDelivery, type QueuePart } from "./queue-plan.ts";
import { NotItsTurn, tracedEvent } from "./trace-event.ts";

/** What is to be done for messages; what it returns is logged. To throw is to have them delivered again. */
export type QueueWork<Message> = (messages: Messages<Message>, context: Context) => Promise<unknown>;

export interface QueueOptions<Message> {
  /** Messages of a batch for which it returns the same text are worked on together. Default: each by itself. */
  groupBy?: GroupBy<Message>;
  /** How many works may be under way at once. Default: 1, one after the other. */
  atOnce?: number;
  /**
   * What becomes of a message that no later delivery can make readable. Default: it is acknowledged, and its loss
   * logged and counted. `dead-letter`: it fails, so that the queue puts it aside after its `maxReceiveCount`.
   */
  poison?: "acknowledge" | "dead-letter";
}

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** What the lines of the log say of messages, beside the id of the first. */
function traceOf(records: readonly [SQSRecord, ...SQSRecord[]]): Record<string, unknown> {
  const sentAt = Math.min(...records.map(({ attributes }) => Number(attributes.SentTimestamp)));
  return {
    queue: records[0].eventSourceARN.split(":").at(-1),
    message_ids: records.map(({ messageId }) => messageId),
    receive_count: Math.max(...records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount))),
    age_seconds: Math.max(0, Math.round((Date.now() - sentAt) / 1000)),
  };
}

async function dropUnreadable(source: string, record: SQSRecord, reason: string): Promise<void> {
  log().error("message_dropped", { source, event_id: record.messageId, ...traceOf([record]), reason });
  await count("event_failed", { source });
}

/**
 * Does one part after the other, a few at once, each after the part that it has to follow.
 * @returns what comes of the part of each message
 */
async function startParts<Message>(
  parts: readonly QueuePart<Message>[],
  atOnce: number,
  workOn: (part: QueuePart<Message>) => Promise<void>,
): Promise<Map<SQSRecord, Promise<void>>> {
  const { default: pLimit } = await import("p-limit");
  const limit = pLimit(atOnce);
  const outcomes = new Map<QueuePart<Message>, Promise<void>>();
  const inTurn = async (part: QueuePart<Message>): Promise<void> => {
    // Parts begin in their order, so what is waited for has begun: no two wait for each other.
    const before = part.after && outcomes.get(part.after);
    await before?.catch(() => {
      throw new NotItsTurn();
    });
    await workOn(part);
  };
  for (const part of parts) outcomes.set(part, limit(inTurn, part));
  return new Map(
    [...outcomes].flatMap(([{ records }, outcome]) => records.map((record) => [record, outcome] as const)),
  );
}

/**
 * A function behind a queue. Each message is read as JSON and checked; those that belong together are worked on once, and
 * when that fails all of them are reported, so that they come again (`ReportBatchItemFailures`), while the others are
 * done. In a FIFO queue nothing overtakes a message of its own group whose work failed: what comes after it in the batch
 * comes again too. Deliveries are repeated, so the work has to be such that doing it again does no harm.
 * @param source what the messages are about, for logs and the metric `event_failed`
 * @param schema what a body has to be
 * @param work what is to be done for messages that belong together
 */
export function queueWorker<Schema extends z.ZodType>(
  source: string,
  schema: Schema,
  work: QueueWork<z.output<Schema>>,
  options: QueueOptions<z.output<Schema>> = {},
): QueueHandler {
  const { groupBy, atOnce = 1, poison = "acknowledge" } = options;

  async function workOn({ records, content }: QueuePart<z.output<Schema>>, context: Context): Promise<void> {
    const [record] = records;
    if ("unreadable" in content && poison === "acknowledge") return dropUnreadable(source, record, content.unreadable);
    const task = async (): Promise<unknown> => {
      if ("messages" in content) return work(content.messages, context);
      throw new Error(`the message cannot be read: ${content.unreadable}`);
    };
    await tracedEvent(source, record.messageId, task, traceOf(records));
  }

  return async (event, context) => {
    const { BatchProcessor, EventType, processPartialResponse } = await import("@aws-lambda-powertools/batch");
    const parts = planDelivery(event.Records, schema, groupBy);
    const outcomes = await startParts(parts, atOnce, (part) => workOn(part, context));
    const processor = new BatchProcessor(EventType.SQS, { logger: log() });
    const options = { context, processInParallel: true, throwOnFullBatchFailure: false };
    return processPartialResponse(event, (record: SQSRecord) => outcomes.get(record), processor, options);
  };
}
