import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../scripts/local/dynamodb-local.ts";
import { eventually } from "../../support/eventually.ts";
import { type PumpSettings, type Stage, startStage } from "./pump-stage.ts";

const QUICK = { streamRetry: [50, 100], streamPoll: 50 } as const;

let database: DynamoDbLocal;
let client: DynamoDBClient;
let stage: Stage;

beforeAll(async () => {
  database = await startDynamoDbLocal();
  stage = await startStage(database.url);
  client = new DynamoDBClient({ ...stage.client, endpoint: database.url });
}, 60_000);
afterAll(async () => {
  await stage.stop();
  client.destroy();
  await database.stop();
});

/** Creates a table with a stream, and answers the stream's ARN. */
async function table(name: string): Promise<string> {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  return TableDescription?.LatestStreamArn ?? "";
}

async function put(name: string, ...ids: string[]): Promise<void> {
  for (const id of ids) await client.send(new PutItemCommand({ TableName: name, Item: { id: { S: id } } }));
}

const consume = (name: string, arn: string, stream: Record<string, unknown> = {}, settings: PumpSettings = {}) =>
  stage.pump({ [name]: { events: [{ stream: { arn, ...stream } }] } }, { timing: QUICK, ...settings });

type Records = { dynamodb: { Keys: { id: { S: string } }; SequenceNumber: string } }[];
const idsOf = (records: Records): string => records.map(({ dynamodb }) => dynamodb.Keys.id.S).join(" ");
const invocationsOf = (name: string): string[] =>
  stage.lambda.invocations(name).map(({ event }) => idsOf(event.Records));
const delivered = (name: string, count: number) =>
  eventually(
    () => invocationsOf(name),
    (all) => all.length >= count,
  );

/** A function that fails (or reports) whenever the record "bad" is in its batch. */
const failsOnBad = ({ Records }: { Records: Records }): void => {
  if (idsOf(Records).includes("bad")) throw new Error("boom");
};
const reportsBad = ({ Records }: { Records: Records }) => ({
  batchItemFailures: Records.filter((record) => idsOf([record]) === "bad").map(({ dynamodb }) => ({
    itemIdentifier: dynamodb.SequenceNumber,
  })),
});

describe("a table's stream and its function", () => {
  it("hands changes over as Lambda does", async () => {
    const arn = await table("shape");
    stage.lambda.define("shape", () => null);
    const item: Record<string, AttributeValue> = {
      id: { S: "a" },
      binary: { B: new Uint8Array([1, 2]) },
      deep: { L: [{ M: { bytes: { BS: [new Uint8Array([3])] } } }, { NULL: true }, { N: "1.5" }] },
    };
    await client.send(new PutItemCommand({ TableName: "shape", Item: item }));
    await client.send(new DeleteItemCommand({ TableName: "shape", Key: { id: { S: "a" } } }));
    await consume("shape", arn);
    const image = {
      id: { S: "a" },
      binary: { B: "AQI=" },
      deep: { L: [{ M: { bytes: { BS: ["Aw=="] } } }, { NULL: true }, { N: "1.5" }] },
    };
    const common = {
      eventID: expect.any(String),
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      eventSourceARN: arn.replace("ddblocal", "us-east-1"),
    };
    const change = {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { id: { S: "a" } },
      SequenceNumber: expect.any(String),
      SizeBytes: expect.any(Number),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    };
    await delivered("shape", 1);
    expect(stage.lambda.invocations("shape")[0]?.event).toEqual({
      Records: [
        { ...common, eventName: "INSERT", dynamodb: { ...change, NewImage: image } },
        { ...common, eventName: "REMOVE", dynamodb: { ...change, OldImage: image } },
      ],
    });
  });

  it("delivers in order, never more than the batch size, one batch at a time", async () => {
    const arn = await table("order");
    stage.lambda.define("order", () => wait(20));
    await put("order", "1", "2", "3", "4", "5");
    await consume("order", arn, { batchSize: 2 });
    expect(await delivered("order", 3)).toEqual(["1 2", "3 4", "5"]);
    expect(stage.lambda.invocations("order").every(({ running }) => running === 1)).toBe(true);
  });

  it("keeps later records back while a batch fails, and tries the same batch again", async () => {
    const arn = await table("blocks");
    stage.lambda.define("blocks", (_, call) => {
      if (call < 3) throw new Error("boom");
    });
    await put("blocks", "1", "2");
    await consume("blocks", arn, { batchSize: 1 });
    expect(await delivered("blocks", 4)).toEqual(["1", "1", "1", "2"]);
  });

  it("goes on from the lowest record that the function reports", async () => {
    const arn = await table("partial");
    let healed = false;
    stage.lambda.define("partial", (event) => {
      const answer = healed ? null : reportsBad(event);
      healed = true;
      return answer;
    });
    await put("partial", "1", "bad", "2");
    await consume("partial", arn, { functionResponseType: "ReportBatchItemFailures" });
    expect(await delivered("partial", 2)).toEqual(["1 bad 2", "bad 2"]);
  });

  it("bisects down to the bad record, and tells the on-failure destination where it lies", async () => {
    const arn = await table("bisect");
    const failed = await stage.queue("bisect-failed");
    stage.lambda.define("bisect", failsOnBad);
    await put("bisect", "1", "2", "bad", "3", "4");
    await consume("bisect", arn, {
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
      destinations: { onFailure: failed.arn },
    });
    expect(await delivered("bisect", 6)).toEqual(["1 2 bad 3 4", "1 2 bad", "1 2", "bad", "bad", "3 4"]);
    const [message] = await eventually(failed.take, (all) => all.length === 1);
    const bad = stage.lambda.invocations("bisect").at(-2)?.event.Records[0].dynamodb.SequenceNumber;
    expect(JSON.parse(message?.Body ?? "")).toEqual({
      requestContext: {
        requestId: expect.any(String),
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:bisect",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 4,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.any(String),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: bad,
        endSequenceNumber: bad,
        approximateArrivalOfFirstRecord: expect.stringMatching(/Z$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/Z$/),
        batchSize: 1,
        streamArn: arn,
      },
    });
  });

  it("discards good records with the bad one where nothing bisects or reports", async () => {
    const arn = await table("discards");
    const failed = await stage.queue("discards-failed");
    stage.lambda.define("discards", failsOnBad);
    await put("discards", "1", "bad", "2");
    await consume("discards", arn, {
      maximumRetryAttempts: 2,
      destinations: { onFailure: { arn: failed.arn, type: "sqs" } },
    });
    const [message] = await eventually(failed.take, (all) => all.length === 1);
    expect(JSON.parse(message?.Body ?? "").DDBStreamBatchInfo.batchSize).toBe(3);
    await put("discards", "3");
    expect(await delivered("discards", 4)).toEqual(["1 bad 2", "1 bad 2", "1 bad 2", "3"]);
  });

  it("brings only what the filter lets through", async () => {
    const arn = await table("filtered");
    stage.lambda.define("filtered", () => null);
    await put("filtered", "task-1", "issue-1", "task-2");
    const filterPatterns = [{ eventName: ["INSERT"], dynamodb: { Keys: { id: { S: [{ prefix: "task-" }] } } } }];
    await consume("filtered", arn, { filterPatterns });
    expect(await delivered("filtered", 1)).toEqual(["task-1 task-2"]);
  });

  it("gathers within the batching window", async () => {
    const arn = await table("window");
    stage.lambda.define("window", () => null);
    await consume("window", arn, { batchWindow: 1 });
    await put("window", "1");
    await wait(300);
    await put("window", "2");
    expect(await delivered("window", 1)).toEqual(["1 2"]);
  });

  it("starts LATEST with what is written after the start", async () => {
    const arn = await table("latest");
    stage.lambda.define("latest", () => null);
    await put("latest", "before");
    await consume("latest", arn, { startingPosition: "LATEST" });
    await put("latest", "after");
    expect(await delivered("latest", 1)).toEqual(["after"]);
  });

  it("goes on after a restart where it stood", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pump-"));
    const stateFile = join(folder, "streams", "positions.json");
    const arn = await table("restart");
    stage.lambda.define("restart", () => null);
    await put("restart", "1");
    const first = await consume("restart", arn, {}, { stateFile });
    await delivered("restart", 1);
    await first.stop();
    await put("restart", "2");
    await wait(200);
    expect(invocationsOf("restart")).toEqual(["1"]);
    const second = await consume("restart", arn, {}, { stateFile });
    expect(await delivered("restart", 2)).toEqual(["1", "2"]);
    await second.stop();
    await rm(folder, { recursive: true });
  });

  it("waits for a function that is not there yet", async () => {
    const arn = await table("late");
    await put("late", "1");
    await consume("late", arn, { maximumRetryAttempts: 0 });
    await wait(300);
    stage.lambda.define("late", () => null);
    expect(await delivered("late", 1)).toEqual(["1"]);
  });

  it("is refused at the start for what is not imitated", async () => {
    const arn = await table("refused");
    await expect(consume("refused", arn, { parallelizationFactor: 2 })).rejects.toThrow("parallelizationFactor");
    await expect(consume("refused", "arn:aws:dynamodb:us-east-1:0:table/x")).rejects.toThrow("no DynamoDB stream");
  });
});
