import type { FauxqsStores } from "../fauxqs-stores.ts";

/** Properties of an `AWS::SQS::Queue` that are attributes of the queue too. */
const QUEUE_ATTRIBUTES = [
  "VisibilityTimeout",
  "MessageRetentionPeriod",
  "MaximumMessageSize",
  "DelaySeconds",
  "ReceiveMessageWaitTimeSeconds",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
] as const;

const attributeText = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function queueAttributes(properties: Readonly<Record<string, unknown>>): Record<string, string> {
  const declared = QUEUE_ATTRIBUTES.filter((name) => properties[name] !== undefined);
  return Object.fromEntries(declared.map((name) => [name, attributeText(properties[name])]));
}

/**
 * The properties of a queue with a shorter delay: sixty seconds in which deployments are gathered are no time to wait at a
 * laptop.
 * @param longest seconds; absent: as declared
 */
export function withDelayUpTo(
  longest: number | undefined,
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { DelaySeconds } = properties;
  if (longest === undefined || DelaySeconds === undefined) return properties;
  return { ...properties, DelaySeconds: Math.min(longest, Number(DelaySeconds)) };
}

/** Creates a queue, or gives the one that is there the attributes that are declared now. */
export function createQueue(
  { sqsStore }: FauxqsStores,
  queue: { name: string; url: string; arn: string; properties: Readonly<Record<string, unknown>> },
): void {
  const attributes = queueAttributes(queue.properties);
  const known = sqsStore.getQueueByName(queue.name);
  if (known) known.setAttributes(attributes);
  else sqsStore.createQueue(queue.name, queue.url, queue.arn, attributes);
}

/** Creates a topic unless it is there. */
export function createTopic({ snsStore }: FauxqsStores, name: string, region: string): void {
  snsStore.createTopic(name, undefined, undefined, region);
}

/** Subscribes a queue to a topic unless it is. */
export function createSubscription({ snsStore }: FauxqsStores, properties: Readonly<Record<string, unknown>>): void {
  const { TopicArn, Protocol, Endpoint, RawMessageDelivery, FilterPolicy } = properties;
  // The other protocols (e-mail, https) lead out of the machine.
  if (Protocol !== "sqs") return;
  snsStore.subscribe(String(TopicArn), "sqs", String(Endpoint), {
    ...(RawMessageDelivery !== undefined && { RawMessageDelivery: String(RawMessageDelivery) }),
    ...(FilterPolicy !== undefined && { FilterPolicy: attributeText(FilterPolicy) }),
  });
}
