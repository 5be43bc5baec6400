import { setTimeout as wait } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { LetterBox } from "../../../scripts/dead-letters/letter-box.ts";
import { overview } from "../../../scripts/dead-letters/overview.ts";
import { type Clients, createClients } from "../../../scripts/dead-letters/place.ts";
import { type Replay, type ReplayBox, replay } from "../../../scripts/dead-letters/replay.ts";
import { resend } from "../../../scripts/dead-letters/resend.ts";
import { lookInto } from "../../../scripts/dead-letters/show.ts";
import type { BusEvent } from "../../../scripts/local/event-bus.ts";
import type { FailureQueue, Origin } from "../../../scripts/service/failure-queues.ts";
import { eventually } from "../../support/eventually.ts";
import { services } from "../../support/services.ts";
import { type Stage, startStage, type TestQueue } from "./pump-stage.ts";

const QUICK = { VisibilityTimeout: "1" };
const FIFO = { ...QUICK, FifoQueue: "true", ContentBasedDeduplication: "true" };
const TIMING = { asyncRetry: [50, 50], streamRetry: [50, 50], streamPoll: 50 } as const;

let stage: Stage;
let clients: Clients;
let database: DynamoDBClient;

beforeAll(async () => {
  const { dynamodb } = services.direct;
  stage = await startStage(dynamodb);
  database = new DynamoDBClient({ ...stage.client, endpoint: dynamodb });
  const sqs = `http://127.0.0.1:${stage.fauxqs.port}`;
  const aws = { ...stage.client.credentials, dynamodb, sqs, eventbridge: stage.eventBus.url };
  clients = createClients(stage.client.region, { aws, lambdaUrl: stage.lambda.url });
});
afterAll(async () => {
  for (const client of [clients.sqs, clients.lambda, clients.events, clients.streams, database]) client.destroy();
  await stage.stop();
});

const nameOf = ({ arn }: TestQueue): string => arn.split(":").at(-1) ?? "";
const failureQueue = (queue: TestQueue, ...origins: Origin[]): FailureQueue => ({
  logicalId: "Dead",
  name: nameOf(queue),
  origins,
});

/** What is in the queue, when so much is there. */
async function boxWith(count: number, queue: TestQueue, ...origins: Origin[]): Promise<LetterBox> {
  await eventually(queue.count, ([ready]) => ready === count);
  return LetterBox.open(failureQueue(queue, ...origins), clients.sqs);
}

/** @param count how many letters there are: to look for more would only wait */
const sendBack = (box: ReplayBox, count = 1): Promise<Replay> =>
  replay(box, (letter) => resend(letter, clients), { most: count, lookAtMost: count });

/** How many there are; the local SQS counts as hidden what nobody has asked for since it appeared again. */
const left = async (queue: TestQueue) => (await queue.count()).reduce((sum, count) => sum + count);

const isEmpty = (queue: TestQueue) => eventually(queue.count, (count) => count.every((n) => n === 0));

describe("messages of a queue that came too often", () => {
  /** A FIFO queue whose function fails while `trouble` says so; both messages are put aside at once. */
  async function failing(name: string) {
    const dead = await stage.queue(`${name}-dlq.fifo`, FIFO);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    const queue = await stage.queue(`${name}.fifo`, { ...FIFO, RedrivePolicy });
    const state = { trouble: true, done: [] as string[] };
    stage.lambda.define(name, ({ Records }) => {
      if (state.trouble) throw new Error("boom");
      state.done.push(...Records.map((record: { body: string }) => record.body));
    });
    for (const body of ["one", "two"]) await queue.send(body, { MessageGroupId: "alpha" });
    await stage.pump({ [name]: { timeout: 1, events: [{ sqs: { arn: queue.arn } }] } });
    return { state, queue, dead, box: await boxWith(2, dead, { kind: "queue", queue: nameOf(queue) }) };
  }

  it("are seen without being taken away, and go back into their group in their order", async () => {
    const { state, dead, queue, box } = await failing("again");
    const seen = await lookInto(box, 1, clients);
    const goes_back = "to the queue again.fifo, group alpha";
    expect(seen[0]).toMatchObject({ body: "one", group: "alpha", goes_back });
    expect(await left(dead)).toBe(2);
    state.trouble = false;
    const outcome = await sendBack(box, 2);
    expect(outcome.replayed.map(({ body }) => body)).toStrictEqual(["one", "two"]);
    await eventually(
      () => state.done,
      (done) => done.length === 2,
    );
    expect(state.done).toStrictEqual(["one", "two"]);
    await Promise.all([isEmpty(dead), isEmpty(queue)]);
  });

  it("are not lost when the replay dies between sending and removing, and come once when it is repeated at once", async () => {
    const { state, dead, box } = await failing("half");
    state.trouble = false;
    const dying: ReplayBox = {
      take: (...args) => box.take(...args),
      hold: (...args) => box.hold(...args),
      giveBack: (letters) => box.giveBack(letters),
      remove: async () => Promise.reject(new Error("killed")),
    };
    expect((await sendBack(dying, 2)).failed).toHaveLength(1);
    expect(await left(dead)).toBe(2);
    expect((await sendBack(box, 2)).replayed).toHaveLength(2);
    await isEmpty(dead);
    await eventually(
      () => state.done,
      (done) => done.length >= 2,
    );
    await wait(300);
    expect(state.done).toStrictEqual(["one", "two"]);
  });
});

describe("events that a function could not deal with", () => {
  it("are shown with its error, and go to the function again as they were", async () => {
    const dead = await stage.queue("upkeep-failures", QUICK);
    let trouble = true;
    stage.lambda.define("upkeep", () => {
      if (trouble) throw new Error("no permission");
    });
    const pattern = { source: ["enceladus.test"] };
    await stage.pump(
      {
        upkeep: {
          maximumRetryAttempts: 0,
          destinations: { onFailure: { type: "sqs", arn: dead.arn } },
          events: [{ eventBridge: { pattern } }],
        },
      },
      { timing: TIMING },
    );
    const detail = { key: "a.md", callback_token: "s3cret" };
    stage.eventBus.publish({ source: "enceladus.test", detailType: "file", detail });
    const box = await boxWith(1, dead, { kind: "function", function: "upkeep" });
    const [seen] = await lookInto(box, 1, clients);
    expect(seen).toMatchObject({
      trouble: expect.stringContaining("no permission"),
      goes_back: "to the function upkeep",
    });
    expect(JSON.stringify(seen)).not.toContain("s3cret");
    trouble = false;
    await sendBack(box);
    const [first, second] = await eventually(
      () => stage.lambda.invocations("upkeep"),
      (all) => all.length === 2,
    );
    expect(second?.event).toStrictEqual(first?.event);
    await isEmpty(dead);
  });

  it("stay where they are when the function is not there any more", async () => {
    const dead = await stage.queue("gone-failures", QUICK);
    const requestContext = {
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:gone",
      condition: "EventAgeExceeded",
      approximateInvokeCount: 1,
    };
    await dead.send({ requestContext, requestPayload: { n: 1 } });
    const box = await boxWith(1, dead, { kind: "function", function: "gone" });
    const { failed } = await sendBack(box);
    expect(failed[0]?.because).toContain("Function not found");
    expect(await left(dead)).toBe(1);
  });
});

describe("changes of a table that a function could not deal with", () => {
  it("are read from the stream again, those that the function wants, and stay while it fails", async () => {
    const table = "dead-letters";
    const { TableDescription } = await database.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    );
    const arn = TableDescription?.LatestStreamArn ?? "";
    const dead = await stage.queue("reader-failures", QUICK);
    let answer = (): unknown => {
      throw new Error("boom");
    };
    stage.lambda.define("reader", () => answer());
    const kinds = ["wanted", "unwanted", "wanted", "unwanted"];
    for (const [n, kind] of kinds.entries()) {
      const Item = { id: { S: String(n) }, kind: { S: kind } };
      await database.send(new PutItemCommand({ TableName: table, Item }));
    }
    const filterPatterns = [{ dynamodb: { NewImage: { kind: { S: ["wanted"] } } } }];
    const stream = { arn, filterPatterns, maximumRetryAttempts: 0, destinations: { onFailure: dead.arn } };
    await stage.pump({ reader: { events: [{ stream: { ...stream, batchWindow: 1 } }] } }, { timing: TIMING });
    const box = await boxWith(1, dead, { kind: "stream", function: "reader", table, filterPatterns });
    const [delivered] = stage.lambda.invocations("reader");

    const [seen] = await lookInto(box, 1, clients);
    expect(seen).toMatchObject({
      trouble: "RetryAttemptsExhausted after 1 tries",
      records: [{ dynamodb: { Keys: { id: { S: "0" } } } }, { dynamodb: { Keys: { id: { S: "2" } } } }],
    });
    expect((await sendBack(box)).failed[0]?.because).toBe("reader failed again: boom");
    const reported = delivered?.event.Records[1].dynamodb.SequenceNumber;
    answer = () => ({ batchItemFailures: [{ itemIdentifier: reported }] });
    expect((await sendBack(box)).failed[0]?.because).toBe("reader failed again, with 1 of 2 records");
    expect(await left(dead)).toBe(1);

    answer = () => ({ batchItemFailures: [] });
    expect((await sendBack(box)).failed).toStrictEqual([]);
    expect(stage.lambda.invocations("reader").at(-1)?.event).toStrictEqual(delivered?.event);
    await isEmpty(dead);
  });

  it("are lost where the stream has let go of them, and that is said", async () => {
    const dead = await stage.queue("lost-failures", QUICK);
    const requestContext = {
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:reader",
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 6,
    };
    const DDBStreamBatchInfo = {
      shardId: "shardId-00000001700000000000-00000000",
      startSequenceNumber: "100000000000000000001",
      endSequenceNumber: "100000000000000000001",
      streamArn: "arn:aws:dynamodb:ddblocal:000000000000:table/lost/stream/2026-11-27T00:00:00.000",
    };
    await dead.send({ requestContext, DDBStreamBatchInfo });
    const box = await boxWith(1, dead, {
      kind: "stream",
      function: "reader",
      table: "lost",
      filterPatterns: undefined,
    });
    const because = "the stream does not have these records any more: it keeps them for 24 hours";
    expect((await lookInto(box, 1, clients))[0]?.records).toBe(because);
    expect((await sendBack(box)).failed[0]?.because).toBe(because);
    // DynamoDB Local keeps records for as long as the real one, which no test can wait for.
    const trimmed = Object.assign(new Error("trimmed"), { name: "TrimmedDataAccessException" });
    const streams = new DynamoDBStreamsClient(stage.client);
    streams.send = () => Promise.reject(trimmed);
    const [letter] = await box.take(1, 5);
    if (!letter) throw new Error("the letter has gone");
    await expect(resend(letter, { ...clients, streams })).rejects.toThrow(because);
  });
});

describe("domain events that the bus would not take", () => {
  it("are put on the bus, and stay where it refuses them", async () => {
    const seen: BusEvent[] = [];
    stage.eventBus.onEvent(async (event) => void seen.push(event));
    const dead = await stage.queue("events-dlq", QUICK);
    const event = { source: "enceladus.tracker", detailType: "record.closed", detail: { id: "ENC-TSK-001" } };
    await dead.send(event);
    await dead.send({ ...event, source: "aws.forged" });
    const box = await boxWith(2, dead, { kind: "events", bus: "test-bus" });
    const { replayed, failed } = await sendBack(box, 2);
    expect([replayed.length, failed.length]).toStrictEqual([1, 1]);
    expect(failed[0]?.because).toMatch(/^the bus refused it: /);
    await eventually(
      () => seen,
      (all) => all.length === 1,
    );
    expect(seen[0]).toMatchObject({ bus: "test-bus", envelope: { detail: event.detail } });
    expect(await left(dead)).toBe(1);
  });
});

describe("a look at all queues", () => {
  it("says what ends where, how much there is and how old, and which are not there yet", async () => {
    const dead = await stage.queue("counted", QUICK);
    for (let n = 0; n < 12; n++) await dead.send({ n });
    expect(await left(dead)).toBe(12);
    const counted = failureQueue(dead, { kind: "function", function: "upkeep" });
    const queues = [counted, { ...counted, logicalId: "Planned", name: "planned" }];
    expect(await overview({ name: "here", stage: "dev", queues, clients })).toStrictEqual([
      { queue: "counted", from: ["upkeep, events"], waiting: 12, hidden: 0, oldest_seconds: expect.any(Number) },
      { queue: "planned", from: ["upkeep, events"] },
    ]);
    expect(await left(dead)).toBe(12);
    const box = await LetterBox.open(counted, clients.sqs);
    expect(new Set((await lookInto(box, 12, clients)).map(({ id }) => id)).size).toBe(12);
  });
});
