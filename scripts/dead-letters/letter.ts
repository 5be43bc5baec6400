import type { Message } from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { FailureQueue, Origin } from "../service/failure-queues.ts";

/** A range of records in the stream of a table. */
export interface StreamRange {
  streamArn: string;
  shardId: string;
  first: string;
  last: string;
}

/** How a message gets back to where it came from. */
export type WayBack =
  | { to: "queue"; queue: string; groupId: string | undefined }
  | { to: "function"; function: string; payload: unknown }
  | { to: "stream"; function: string; range: StreamRange; filterPatterns: readonly unknown[] | undefined }
  | { to: "bus"; bus: string; event: { source: string; detailType: string; detail: Record<string, unknown> } }
  | { to: "nowhere"; because: string };

/** A message that was put aside. */
export interface Letter {
  id: string;
  /** For deleting it, and giving it back. */
  receiptHandle: string;
  body: string;
  attributes: NonNullable<Message["MessageAttributes"]>;
  /** When it was sent, or put aside by a service. */
  sentAt: Date;
  groupId: string | undefined;
  /** What went wrong, where the message says so. */
  trouble: string | undefined;
  back: WayBack;
}

const Discarded = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string(), approximateInvokeCount: z.number() }),
});
const OfStream = Discarded.extend({
  DDBStreamBatchInfo: z.object({
    shardId: z.string(),
    startSequenceNumber: z.string(),
    endSequenceNumber: z.string(),
    streamArn: z.string(),
  }),
});
const OfFunction = Discarded.extend({ requestPayload: z.unknown(), responsePayload: z.unknown().optional() });
const OfBus = z.object({ source: z.string(), detailType: z.string(), detail: z.record(z.string(), z.unknown()) });
const Failed = z.object({ errorMessage: z.string(), errorType: z.string().optional() });

type Read = Pick<Letter, "trouble" | "back">;
type OriginOf<Kind extends Origin["kind"]> = Extract<Origin, { kind: Kind }>;

/** `arn:aws:lambda:<region>:<account>:function:<name>`, with a version or without. */
function functionOf(arn: string): string {
  return arn.split(":")[6] ?? "";
}

function originsOf<Kind extends Origin["kind"]>({ origins }: FailureQueue, kind: Kind): OriginOf<Kind>[] {
  return origins.filter((origin): origin is OriginOf<Kind> => origin.kind === kind);
}

function describeFailure(
  { condition, approximateInvokeCount }: z.output<typeof Discarded>["requestContext"],
  answer?: unknown,
): string {
  const { data } = Failed.safeParse(answer);
  const error = data ? `: ${data.errorType ? `${data.errorType}: ` : ""}${data.errorMessage}` : "";
  return `${condition} after ${approximateInvokeCount} tries${error}`;
}

const nowhere = (because: string): WayBack => ({ to: "nowhere", because });

/** Whoever may write to the queue must not choose what is invoked: only functions that the configuration leads here. */
const stranger = (name: string): WayBack => nowhere(`the function ${name} puts nothing aside here`);

function fromStream(body: unknown, queue: FailureQueue): Read | undefined {
  const { data } = OfStream.safeParse(body);
  if (!data) return undefined;
  const { requestContext, DDBStreamBatchInfo: batch } = data;
  const name = functionOf(requestContext.functionArn);
  const { streamArn, shardId, startSequenceNumber: first, endSequenceNumber: last } = batch;
  const range = { streamArn, shardId, first, last };
  const origin = originsOf(queue, "stream").find(
    (known) => known.function === name && streamArn.includes(`:table/${known.table}/stream/`),
  );
  return {
    trouble: describeFailure(requestContext),
    back: origin ? { to: "stream", function: name, range, filterPatterns: origin.filterPatterns } : stranger(name),
  };
}

function fromFunction(body: unknown, queue: FailureQueue): Read | undefined {
  const { data } = OfFunction.safeParse(body);
  if (data?.requestPayload === undefined) return undefined;
  const { requestContext, requestPayload, responsePayload } = data;
  const name = functionOf(requestContext.functionArn);
  const isOwn = originsOf(queue, "function").some((origin) => origin.function === name);
  return {
    trouble: describeFailure(requestContext, responsePayload),
    back: isOwn ? { to: "function", function: name, payload: requestPayload } : stranger(name),
  };
}

function fromRule(body: unknown, attributes: Letter["attributes"], queue: FailureQueue): Read | undefined {
  const [target, code, message] = ["TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE"].map(
    (attribute) => attributes[attribute]?.StringValue,
  );
  if (target === undefined || attributes.RULE_ARN === undefined) return undefined;
  const name = functionOf(target);
  const isOwn = originsOf(queue, "rule").some((origin) => origin.function === name);
  return {
    trouble: `not handed over: ${code ?? "?"}: ${message ?? "?"}`,
    back: isOwn ? { to: "function", function: name, payload: body } : stranger(name),
  };
}

function fromPublisher(body: unknown, queue: FailureQueue): Read | undefined {
  const [origin] = originsOf(queue, "events");
  const { data } = OfBus.safeParse(body);
  if (!origin || !data) return undefined;
  return { trouble: `not published: ${data.detailType}`, back: { to: "bus", bus: origin.bus, event: data } };
}

function fromQueue(message: Message, queue: FailureQueue): Read | undefined {
  const sources = originsOf(queue, "queue");
  const known = message.Attributes?.DeadLetterQueueSourceArn?.split(":").at(-1);
  const source = known ? sources.find((origin) => origin.queue === known) : sources[0];
  if (!source) return undefined;
  if (!known && sources.length > 1) {
    return { trouble: undefined, back: nowhere(`it may be of ${sources.map((origin) => origin.queue).join(" or ")}`) };
  }
  const groupId = message.Attributes?.MessageGroupId;
  return { trouble: undefined, back: { to: "queue", queue: source.queue, groupId } };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Reads what a queue of failures holds, and finds the way back of it in the configuration. */
export function readLetter(message: Message, queue: FailureQueue): Letter {
  const { MessageId = "", ReceiptHandle = "", Body = "", Attributes = {}, MessageAttributes = {} } = message;
  const body = parsed(Body);
  const read =
    fromStream(body, queue) ??
    fromFunction(body, queue) ??
    fromRule(body, MessageAttributes, queue) ??
    fromPublisher(body, queue) ??
    fromQueue(message, queue);
  return {
    id: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: MessageAttributes,
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)),
    groupId: Attributes.MessageGroupId,
    trouble: read?.trouble,
    back: read?.back ?? nowhere("nothing that is led to this queue looks like it"),
  };
}
