import type { Message } from "@aws-sdk/client-sqs";
import { failedItems } from "../batch-report.ts";
import { backoff } from "../clock.ts";
import type { Outcome } from "../invocation.ts";
import type { PumpContext, Running } from "../types.ts";
import type { Queue } from "./queue.ts";
import { filterView, type QueueRecord, toQueueRecord } from "./record.ts";
import type { QueueSource } from "./source.ts";

type Context = Pick<PumpContext, "clock" | "signal" | "log" | "region">;

interface Received {
  message: Message;
  record: QueueRecord;
}

/** An answer that comes after the pump was stopped would leave its messages locked; so polls are short, not cut off. */
const POLL_SECONDS = 1;
const MAX_BATCH_BYTES = 6 * 1024 * 1024 - 4096;

/**
 * Consumes a queue for one function. Visibility, the blocking of a FIFO group while a message of it is in flight, and
 * the move to the dead-letter queue are the queue's own doing; here a message is deleted when it succeeded, else left
 * alone, so that it comes back after the visibility timeout.
 */
export function consumeQueue(
  source: QueueSource,
  ports: { queue: Queue; deliver(records: QueueRecord[]): Promise<Outcome> },
  context: Context,
): Running {
  const { queue } = ports;
  const underWay = new Set<Promise<void>>();

  const consume = async (): Promise<void> => {
    let failures = 0;
    while (!context.signal.aborted) {
      while (underWay.size >= source.concurrency) await Promise.race(underWay);
      try {
        for (const batch of inPayloads(await gather(source, queue, context))) start(batch);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) context.log(`${source.place}: ${String(error)}`);
        await context.clock.sleep(backoff(failures, 1000, 10_000), context.signal);
      }
    }
    await Promise.all(underWay);
  };

  const start = (batch: Received[]): void => {
    const delivery = deliver(batch)
      .catch((error: unknown) => context.log(`${source.place}: ${String(error)}`))
      .finally(() => underWay.delete(delivery));
    underWay.add(delivery);
  };

  const deliver = async (batch: Received[]): Promise<void> => {
    if (context.signal.aborted) return queue.giveBack(batch.map(({ message }) => message));
    const outcome = await ports.deliver(batch.map(({ record }) => record));
    if (outcome.kind !== "success") {
      context.log(`${source.place}: ${batch.length} messages failed (${outcome.error})`);
      return;
    }
    const ids = batch.map(({ record }) => record.messageId);
    const failed = source.reportsFailures ? failedItems(outcome.payload, ids) : new Set<string>();
    if (failed === "all" || failed.size > 0) {
      context.log(
        `${source.place}: ${failed === "all" ? batch.length : failed.size} of ${batch.length} messages failed`,
      );
    }
    if (failed === "all") return;
    await queue.remove(batch.filter(({ record }) => !failed.has(record.messageId)).map(({ message }) => message));
  };

  return { done: consume() };
}

/** Receives until the batch is full or the window, from the first message on, is over; what a filter refuses is deleted. */
async function gather(source: QueueSource, queue: Queue, context: Context): Promise<Received[]> {
  const gathered: Received[] = [];
  let end: number | undefined;
  do {
    const left = end === undefined ? POLL_SECONDS * 1000 : end - context.clock.now();
    const messages = await queue.receive(source.batchSize - gathered.length, left < 1000 ? 0 : POLL_SECONDS);
    // Queues wait whole seconds; the rest of a window is looked through in small steps.
    if (messages.length === 0 && left < 1000) await context.clock.sleep(Math.min(left, 100), context.signal);
    const received = messages.map((message) => ({
      message,
      record: toQueueRecord(message, { ...source, ...context }),
    }));
    const wanted = received.filter(({ record }) => source.matches(filterView(record)));
    const unwanted = received.filter((item) => !wanted.includes(item));
    if (unwanted.length > 0) await queue.remove(unwanted.map(({ message }) => message));
    gathered.push(...wanted);
    if (gathered.length > 0) end ??= context.clock.now() + source.batchWindowMs;
  } while (
    !context.signal.aborted &&
    gathered.length < source.batchSize &&
    end !== undefined &&
    context.clock.now() < end
  );
  return gathered;
}

/** Cuts a batch where one invocation would be above 6 MB. */
function inPayloads(batch: Received[]): Received[][] {
  const payloads: Received[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of batch) {
    const size = Buffer.byteLength(JSON.stringify(item.record)) + 1;
    bytes += size;
    if (bytes > MAX_BATCH_BYTES) {
      payloads.push([]);
      bytes = size;
    }
    payloads.at(-1)?.push(item);
  }
  return payloads;
}
