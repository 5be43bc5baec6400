import type { Message } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "@jest/globals";
import { readLetter } from "../../../../scripts/dead-letters/letter.ts";
import type { FailureQueue, Origin } from "../../../../scripts/service/failure-queues.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function";
const STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2026-11-27T00:00:00.000";

const queueOf = (...origins: Origin[]): FailureQueue => ({ logicalId: "Dead", name: "dead", origins });
const message = (body: unknown, more: Partial<Message> = {}): Message => ({
  MessageId: "m1",
  ReceiptHandle: "handle",
  Body: typeof body === "string" ? body : JSON.stringify(body),
  ...more,
  Attributes: { SentTimestamp: "1700000000000", ...more.Attributes },
});
const context = (name: string) => ({
  functionArn: `${ARN}:${name}:$LATEST`,
  condition: "RetriesExhausted",
  approximateInvokeCount: 3,
});
const upkeep: Origin[] = [
  { kind: "function", function: "upkeep" },
  { kind: "rule", function: "upkeep" },
];

describe("a dead letter", () => {
  it("of a queue goes back to that queue and into its group", () => {
    const letter = readLetter(message({ project_id: "alpha" }, { Attributes: { MessageGroupId: "alpha" } }), {
      ...queueOf({ kind: "queue", queue: "work.fifo" }),
    });
    expect(letter).toMatchObject({
      id: "m1",
      sentAt: new Date("2023-11-14T22:13:20.000Z"),
      groupId: "alpha",
      trouble: undefined,
      back: { to: "queue", queue: "work.fifo", groupId: "alpha" },
    });
  });

  it("of one of several queues goes back to the one that it names, and nowhere if it names none", () => {
    const two = queueOf({ kind: "queue", queue: "one" }, { kind: "queue", queue: "two" });
    const DeadLetterQueueSourceArn = "arn:aws:sqs:us-east-1:000000000000:two";
    expect(readLetter(message("{}", { Attributes: { DeadLetterQueueSourceArn } }), two).back).toMatchObject({
      to: "queue",
      queue: "two",
    });
    expect(readLetter(message("{}"), two).back).toStrictEqual({ to: "nowhere", because: "it may be of one or two" });
  });

  it("of a function is its event, with what the function failed of", () => {
    const body = {
      requestContext: context("upkeep"),
      requestPayload: { detail: 1 },
      responsePayload: { errorType: "TypeError", errorMessage: "boom", trace: [] },
    };
    expect(readLetter(message(body), queueOf(...upkeep))).toMatchObject({
      trouble: "RetriesExhausted after 3 tries: TypeError: boom",
      back: { to: "function", function: "upkeep", payload: { detail: 1 } },
    });
  });

  it("of a rule is the event that could not be handed over", () => {
    const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
    const MessageAttributes = {
      RULE_ARN: attribute("arn:aws:events:us-east-1:000000000000:rule/files"),
      TARGET_ARN: attribute(`${ARN}:upkeep`),
      ERROR_CODE: attribute("NO_PERMISSIONS"),
      ERROR_MESSAGE: attribute("not allowed"),
    };
    expect(readLetter(message({ detail: 2 }, { MessageAttributes }), queueOf(...upkeep))).toMatchObject({
      trouble: "not handed over: NO_PERMISSIONS: not allowed",
      back: { to: "function", function: "upkeep", payload: { detail: 2 } },
    });
  });

  it("of a stream is a range of records, and the filter of whoever follows the stream", () => {
    const filterPatterns = [{ eventName: ["INSERT"] }];
    const batch = { shardId: "shard-1", startSequenceNumber: "100", endSequenceNumber: "102", streamArn: STREAM };
    const body = { requestContext: context("reader"), DDBStreamBatchInfo: { ...batch, batchSize: 2 } };
    const queue = queueOf({ kind: "stream", function: "reader", table: "things", filterPatterns });
    expect(readLetter(message(body), queue)).toMatchObject({
      trouble: "RetriesExhausted after 3 tries",
      back: {
        to: "stream",
        function: "reader",
        range: { streamArn: STREAM, shardId: "shard-1", first: "100", last: "102" },
        filterPatterns,
      },
    });
  });

  it("of whoever publishes is a domain event for the bus", () => {
    const event = { source: "enceladus.tracker", detailType: "record.status.closed", detail: { n: 1 } };
    expect(readLetter(message(event), queueOf({ kind: "events", bus: "enceladus" }))).toMatchObject({
      trouble: "not published: record.status.closed",
      back: { to: "bus", bus: "enceladus", event },
    });
  });

  it("chooses no function: one that is not led here by the configuration is not invoked", () => {
    const queue = queueOf({ kind: "function", function: "upkeep" });
    const forged = { requestContext: context("delete-everything"), requestPayload: {}, responsePayload: null };
    const because = "the function delete-everything puts nothing aside here";
    expect(readLetter(message(forged), queue).back).toStrictEqual({ to: "nowhere", because });
    const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
    const MessageAttributes = { RULE_ARN: attribute("x"), TARGET_ARN: attribute(`${ARN}:delete-everything`) };
    expect(readLetter(message({}, { MessageAttributes }), queue).back).toStrictEqual({ to: "nowhere", because });
  });

  it("reads no stream but that of the table which the function follows", () => {
    const queue = queueOf({ kind: "stream", function: "reader", table: "other", filterPatterns: undefined });
    const batch = { shardId: "s", startSequenceNumber: "1", endSequenceNumber: "1", streamArn: STREAM };
    const body = { requestContext: context("reader"), DDBStreamBatchInfo: batch };
    expect(readLetter(message(body), queue).back.to).toBe("nowhere");
  });

  it.each(["", "no JSON", "null", "[]", '{"requestContext": {}}'])(
    "that is %j goes nowhere, and breaks nothing",
    (body) => {
      const because = "nothing that is led to this queue looks like it";
      expect(readLetter(message(body), queueOf(...upkeep)).back).toStrictEqual({ to: "nowhere", because });
    },
  );
});
