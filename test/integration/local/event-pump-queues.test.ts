import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "../../support/eventually.ts";
import { type Stage, startStage } from "./pump-stage.ts";

const QUICK = { VisibilityTimeout: "1" };
const FIFO = { ...QUICK, FifoQueue: "true", ContentBasedDeduplication: "true" };

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

/** Starts a pump for one function with one queue; the stage stops it at the end. */
async function consume(name: string, arn: string, settings: Record<string, unknown> = {}, fn: object = {}) {
  return stage.pump({ [name]: { timeout: 1, ...fn, events: [{ sqs: { arn, ...settings } }] } });
}

const bodiesOf = (name: string): string[][] =>
  stage.lambda.invocations(name).map(({ event }) => event.Records.map((record: { body: string }) => record.body));

describe("a queue and its function", () => {
  it("hands messages over as Lambda does, and deletes what succeeded", async () => {
    const queue = await stage.queue("shape", QUICK);
    stage.lambda.define("shape", () => null);
    await queue.send("hello", { MessageAttributes: { colour: { DataType: "String", StringValue: "red" } } });
    await consume("shape", queue.arn);
    const [invocation] = await eventually(
      () => stage.lambda.invocations("shape"),
      (all) => all.length === 1,
    );
    expect(invocation?.event).toEqual({
      Records: [
        {
          messageId: expect.any(String),
          receiptHandle: expect.any(String),
          body: "hello",
          attributes: {
            ApproximateReceiveCount: "1",
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
          },
          messageAttributes: {
            colour: { stringValue: "red", dataType: "String", stringListValues: [], binaryListValues: [] },
          },
          md5OfBody: "5d41402abc4b2a76b9719d911017c592",
          md5OfMessageAttributes: expect.any(String),
          eventSource: "aws:sqs",
          eventSourceARN: queue.arn,
          awsRegion: "us-east-1",
        },
      ],
    });
    expect(await eventually(queue.count, ([, inFlight]) => inFlight === 0)).toEqual([0, 0, 0]);
  });

  it("deletes only what the function did not report as failed; the rest comes back after the visibility timeout", async () => {
    const queue = await stage.queue("partial", QUICK);
    stage.lambda.define("partial", ({ Records }, call) => ({
      batchItemFailures: Records.filter(({ body }: { body: string }) => body === "bad" && call === 1).map(
        ({ messageId }: { messageId: string }) => ({ itemIdentifier: messageId }),
      ),
    }));
    for (const body of ["one", "bad", "two"]) await queue.send(body);
    await consume("partial", queue.arn, { functionResponseType: "ReportBatchItemFailures" });
    const [first, second] = await eventually(
      () => stage.lambda.invocations("partial"),
      (all) => all.length === 2,
    );
    expect(bodiesOf("partial")).toEqual([["one", "bad", "two"], ["bad"]]);
    expect(second?.event.Records[0].attributes.ApproximateReceiveCount).toBe("2");
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(900);
    expect(await eventually(queue.count, ([, inFlight]) => inFlight === 0)).toEqual([0, 0, 0]);
  });

  it("deletes everything if the report was not asked for", async () => {
    const queue = await stage.queue("unasked", QUICK);
    stage.lambda.define("unasked", ({ Records }) => ({
      batchItemFailures: [{ itemIdentifier: Records[0].messageId }],
    }));
    await queue.send("one");
    await consume("unasked", queue.arn);
    await eventually(
      () => stage.lambda.invocations("unasked"),
      (all) => all.length === 1,
    );
    await wait(1_500);
    expect(stage.lambda.invocations("unasked")).toHaveLength(1);
  });

  it("deletes nothing when the function fails, and the queue moves it aside after maxReceiveCount", async () => {
    const dead = await stage.queue("failing-dlq", QUICK);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    const queue = await stage.queue("failing", { ...QUICK, RedrivePolicy });
    stage.lambda.define("failing", () => {
      throw new Error("boom");
    });
    await queue.send("one");
    await queue.send("two");
    await consume("failing", queue.arn);
    expect(await eventually(dead.count, ([ready]) => ready === 2)).toEqual([2, 0, 0]);
    expect(bodiesOf("failing")).toEqual([
      ["one", "two"],
      ["one", "two"],
    ]);
    expect(await queue.count()).toEqual([0, 0, 0]);
  });

  it("takes a report it cannot read for a failure of the whole batch", async () => {
    const queue = await stage.queue("garbled", QUICK);
    stage.lambda.define("garbled", (_, call) => (call === 1 ? { batchItemFailures: [{ itemIdentifier: "?" }] } : null));
    await queue.send("one");
    await consume("garbled", queue.arn, { functionResponseType: "ReportBatchItemFailures" });
    await eventually(
      () => stage.lambda.invocations("garbled"),
      (all) => all.length === 2,
    );
  });

  it("deletes what the filter refuses without a word to the function", async () => {
    const queue = await stage.queue("filtered", QUICK);
    stage.lambda.define("filtered", () => null);
    await queue.send({ kind: "task" });
    await queue.send({ kind: "issue" });
    await queue.send("no JSON");
    await consume("filtered", queue.arn, { filterPatterns: [{ body: { kind: ["task"] } }] });
    expect(await eventually(queue.count, (count) => count.every((n) => n === 0))).toEqual([0, 0, 0]);
    expect(bodiesOf("filtered")).toEqual([['{"kind":"task"}']]);
  });

  it("gathers above ten messages within the batching window, at most the batch size", async () => {
    const queue = await stage.queue("window", { VisibilityTimeout: "30" });
    stage.lambda.define("window", () => null);
    for (let n = 0; n < 13; n++) await queue.send(String(n));
    await consume("window", queue.arn, { batchSize: 12, maximumBatchingWindow: 1 });
    const [full, rest] = await eventually(
      () => stage.lambda.invocations("window"),
      (all) => all.length === 2,
    );
    expect([full?.event.Records.length, rest?.event.Records.length]).toEqual([12, 1]);
    expect((rest?.startedAt ?? 0) - (full?.startedAt ?? 0)).toBeGreaterThanOrEqual(900);
  });

  it("does not see a delayed message before its time", async () => {
    const queue = await stage.queue("delayed", QUICK);
    stage.lambda.define("delayed", () => null);
    await consume("delayed", queue.arn);
    const sentAt = Date.now();
    await queue.send("later", { DelaySeconds: 1 });
    const [invocation] = await eventually(
      () => stage.lambda.invocations("delayed"),
      (all) => all.length === 1,
    );
    expect((invocation?.startedAt ?? 0) - sentAt).toBeGreaterThanOrEqual(950);
  });

  it.each([
    ["maximumConcurrency", { maximumConcurrency: 2 }, {}, 2],
    ["the function's reserved concurrency", {}, { reservedConcurrency: 1 }, 1],
  ])("runs as many batches at once as %s allows", async (_, settings, fn, most) => {
    const name = `concurrency-${most}`;
    const queue = await stage.queue(name, { VisibilityTimeout: "30" });
    stage.lambda.define(name, () => wait(100));
    for (let n = 0; n < 6; n++) await queue.send(String(n));
    await consume(name, queue.arn, { batchSize: 1, ...settings }, fn);
    const all = await eventually(
      () => stage.lambda.invocations(name),
      (seen) => seen.length === 6,
    );
    expect(Math.max(...all.map(({ running }) => running))).toBe(most);
  });

  it("leaves nothing locked when it stops, and awaits what is under way", async () => {
    const queue = await stage.queue("stopping", { VisibilityTimeout: "600" });
    stage.lambda.define("stopping", () => wait(500));
    await queue.send("one");
    const pump = await consume("stopping", queue.arn, { batchSize: 1 }, { reservedConcurrency: 1 });
    await eventually(
      () => stage.lambda.invocations("stopping"),
      (all) => all.length === 1,
    );
    await queue.send("two");
    await pump.stop();
    expect(await queue.count()).toEqual([1, 0, 0]);
    await wait(300);
    expect(stage.lambda.invocations("stopping")).toHaveLength(1);
  });

  it.each([
    ["a visibility timeout below the function's timeout", QUICK, {}, { timeout: 5 }, "visibility timeout"],
    ["a large batch without a window", QUICK, { batchSize: 11 }, {}, "batching window"],
    ["a window of a FIFO queue", FIFO, { maximumBatchingWindow: 5 }, {}, "no batching window"],
    ["a large batch of a FIFO queue", FIFO, { batchSize: 11 }, {}, "at most 10"],
    ["a filter that AWS would refuse", QUICK, { filterPatterns: [{ body: "x" }] }, {}, "pattern.body"],
  ])("is refused at the start, as AWS does, for %s", async (what, attributes, settings, fn, message) => {
    const suffix = attributes === FIFO ? ".fifo" : "";
    const queue = await stage.queue(`refused-${what.replaceAll(/\W/g, "").slice(0, 60)}${suffix}`, attributes);
    await expect(consume("refused", queue.arn, settings, fn)).rejects.toThrow(message);
  });

  it("is left alone if it is switched off", async () => {
    const queue = await stage.queue("off", QUICK);
    await queue.send("one");
    await consume("off", queue.arn, { enabled: false });
    await wait(200);
    expect(await queue.count()).toEqual([1, 0, 0]);
  });
});

describe("a FIFO queue and its function", () => {
  it("keeps the order of a group: the next message waits while one is in flight, other groups go on", async () => {
    const queue = await stage.queue("ordered.fifo", { ...FIFO, VisibilityTimeout: "30" });
    const log: string[] = [];
    stage.lambda.define("ordered", async ({ Records: [{ body }] }) => {
      log.push(`${body} begins`);
      await wait(body.startsWith("slow") ? 400 : 20);
      log.push(`${body} ends`);
    });
    for (const body of ["slow1", "slow2"]) await queue.send(body, { MessageGroupId: "slow" });
    for (const body of ["quick1", "quick2"]) await queue.send(body, { MessageGroupId: "quick" });
    await consume("ordered", queue.arn, { batchSize: 1 });
    await eventually(
      () => log,
      (all) => all.length === 8,
    );
    expect(log.filter((line) => line.startsWith("slow"))).toEqual([
      "slow1 begins",
      "slow1 ends",
      "slow2 begins",
      "slow2 ends",
    ]);
    expect(log.indexOf("quick2 ends")).toBeLessThan(log.indexOf("slow1 ends"));
  });

  it("blocks the group of a failed message until it succeeds or is moved aside", async () => {
    const dead = await stage.queue("blocking-dlq.fifo", FIFO);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    const queue = await stage.queue("blocking.fifo", { ...FIFO, RedrivePolicy });
    stage.lambda.define("blocking", ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }: { body: string }) => body === "bad").map(
        ({ messageId }: { messageId: string }) => ({ itemIdentifier: messageId }),
      ),
    }));
    for (const body of ["bad", "behind"]) await queue.send(body, { MessageGroupId: "a" });
    await queue.send("other", { MessageGroupId: "b" });
    await consume("blocking", queue.arn, { functionResponseType: "ReportBatchItemFailures" });
    await eventually(
      () => bodiesOf("blocking").flat(),
      (all) => all.includes("behind"),
    );
    expect(bodiesOf("blocking").flat()).toEqual(["bad", "other", "bad", "behind"]);
    expect(await dead.count()).toEqual([1, 0, 0]);
  });

  it("shows group, sequence and deduplication to the function", async () => {
    const queue = await stage.queue("attributes.fifo", FIFO);
    stage.lambda.define("attributes", () => null);
    await queue.send("one", { MessageGroupId: "g", MessageDeduplicationId: "d" });
    await queue.send("again", { MessageGroupId: "g", MessageDeduplicationId: "d" });
    await consume("attributes", queue.arn);
    const [invocation] = await eventually(
      () => stage.lambda.invocations("attributes"),
      (all) => all.length === 1,
    );
    expect(invocation?.event.Records[0].attributes).toMatchObject({
      MessageGroupId: "g",
      MessageDeduplicationId: "d",
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    });
    expect(bodiesOf("attributes")).toEqual([["one"]]);
  });

  it("shows a message when the queue's delay is over, and only the first of those with one deduplication id", async () => {
    const queue = await stage.queue("delaying.fifo", { ...FIFO, DelaySeconds: "1" });
    stage.lambda.define("delaying", () => null);
    await consume("delaying", queue.arn);
    const sentAt = Date.now();
    const send = (body: string, id: string) =>
      queue.send(body, { MessageGroupId: "project", MessageDeduplicationId: id });
    await send("first", "REQ-1");
    await send("again", "REQ-1");
    expect(await queue.count()).toEqual([0, 0, 1]);
    const [invocation] = await eventually(
      () => stage.lambda.invocations("delaying"),
      (all) => all.length === 1,
    );
    expect((invocation?.startedAt ?? 0) - sentAt).toBeGreaterThanOrEqual(950);
    await eventually(queue.count, (count) => count.every((n) => n === 0));
    // What was sent once is known for five minutes, done with or not.
    await send("once more", "REQ-1");
    await send("next", "REQ-2");
    await eventually(
      () => bodiesOf("delaying").flat(),
      (all) => all.includes("next"),
    );
    expect(bodiesOf("delaying")).toEqual([["first"], ["next"]]);
  });

  it("takes a message that a function fails with to the dead-letter queue with its group, and then goes on with the group", async () => {
    const dead = await stage.queue("failing-dlq.fifo", { FifoQueue: "true" });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    const queue = await stage.queue("failing.fifo", { ...FIFO, RedrivePolicy });
    stage.lambda.define("failing-fifo", ({ Records: [{ body }] }) => {
      if (body === "bad") throw new Error("boom");
    });
    for (const body of ["bad", "behind"]) await queue.send(body, { MessageGroupId: "project" });
    await consume("failing-fifo", queue.arn, { functionResponseType: "ReportBatchItemFailures" });
    await eventually(dead.count, ([ready]) => ready === 1);
    const [message] = await dead.take();
    expect([message?.Body, message?.Attributes?.MessageGroupId]).toEqual(["bad", "project"]);
    await eventually(queue.count, (count) => count.every((n) => n === 0));
    expect(bodiesOf("failing-fifo")).toEqual([["bad"], ["behind"]]);
  });
});
