import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { log } from "./log.ts";

let client: EventBridgeClient | undefined;

/** One attempt a call: `publishEvent` repeats the call itself. A bus that hangs must not use up the function's time. */
async function eventBridge(): Promise<EventBridgeClient> {
  if (client) return client;
  const { EventBridgeClient } = await import("@aws-sdk/client-eventbridge");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
  client = new EventBridgeClient({ maxAttempts: 1, requestHandler });
  return client;
}

/** A domain event as the bus takes it. */
export interface DomainEvent {
  source: string;
  detailType: string;
  detail: Readonly<Record<string, unknown>>;
}

async function putEvent(bus: string, event: DomainEvent): Promise<void> {
  const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
  const answer = await (await eventBridge()).send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: bus,
          Source: event.source,
          DetailType: event.detailType,
          Detail: JSON.stringify(event.detail),
        },
      ],
    }),
  );
  // PutEvents answers 200 for an entry that it did not take.
  if (answer.FailedEntryCount) throw new Error(`the bus refused the event: ${answer.Entries?.[0]?.ErrorCode ?? "?"}`);
}

async function keepForReplay(queueUrl: string, event: DomainEvent): Promise<void> {
  const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
  await new SQSClient({ maxAttempts: 3, requestHandler }).send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(event) }),
  );
}

/**
 * Puts an event on the bus `EVENT_BUS`: three attempts, then it is kept in the queue `EVENTS_DLQ_URL`. It never
 * throws, since what the event tells of has already happened; a loss is logged as an error. Without a bus it does
 * nothing.
 * @returns whether the bus took it
 */
export async function publishEvent(event: DomainEvent): Promise<boolean> {
  const bus = process.env.EVENT_BUS;
  if (!bus) return false;
  try {
    const { default: pRetry } = await import("p-retry");
    await pRetry(() => putEvent(bus, event), { retries: 2, minTimeout: 50, factor: 3, randomize: true });
    return true;
  } catch (error) {
    log().error("event_not_published", { detailType: event.detailType, error: error as Error });
    const queueUrl = process.env.EVENTS_DLQ_URL;
    if (!queueUrl) return false;
    await keepForReplay(queueUrl, event).catch((lost: unknown) => {
      log().critical("event_lost", { event, error: lost as Error });
    });
    return false;
  }
}
