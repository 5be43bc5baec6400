import { SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { nameInArn } from "../arn.ts";
import type { EventReader } from "../config-reader.ts";
import type { Outbox } from "../outbox.ts";
import { openQueue, type Queue } from "../queues/queue.ts";
import type { QueueSource } from "../queues/source.ts";
import type { DeclaredFunction, PumpContext } from "../types.ts";

/** A function's subscription to a topic. The local SNS knows queues only, so a queue of the pump's own stands between. */
export interface Subscription {
  topicArn: string;
  arn: string;
  queue: Queue;
}

/** Notifications are taken one after the other, for each starts an invocation of its own at once. */
export const TOPIC_QUEUE_SOURCE: Omit<QueueSource, "place" | "functionKey" | "queueArn"> = {
  fifo: false,
  batchSize: 10,
  batchWindowMs: 0,
  matches: () => true,
  reportsFailures: false,
  concurrency: 1,
};

export async function subscribe(
  fn: DeclaredFunction,
  event: EventReader,
  outbox: Outbox,
  context: Pick<PumpContext, "region" | "account">,
): Promise<Subscription> {
  event.refuse("redrivePolicy");
  const topic = event.reference(event.has("arn") ? "arn" : "topicName");
  const topicArn = topic.startsWith("arn:") ? topic : `arn:aws:sns:${context.region}:${context.account}:${topic}`;
  const { QueueUrl } = await outbox.sqs.send(
    new CreateQueueCommand({ QueueName: `pump-${nameInArn(topicArn)}-${fn.name}`.slice(0, 80) }),
  );
  if (QueueUrl === undefined) throw event.error("no queue for the subscription");
  const queue = await openQueue(outbox.sqs, QueueUrl);
  const filter = event.raw("filterPolicy");
  const scope = event.raw("filterPolicyScope");
  const { SubscriptionArn } = await outbox.sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queue.arn,
      ReturnSubscriptionArn: true,
      Attributes: {
        ...(filter !== undefined && { FilterPolicy: JSON.stringify(filter) }),
        ...(typeof scope === "string" && { FilterPolicyScope: scope }),
      },
    }),
  );
  return { topicArn, arn: SubscriptionArn ?? "", queue };
}

/** What a function receives for one notification. */
export function topicEvent(subscription: Subscription, body: string): Record<string, unknown> {
  const notification: Record<string, unknown> = JSON.parse(body);
  const { SigningCertURL, UnsubscribeURL, ...rest } = notification;
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Subject: null,
          MessageAttributes: {},
          ...rest,
          // Lambda spells the two differently from a notification over HTTP.
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
        },
      },
    ],
  };
}
