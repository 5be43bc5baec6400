import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Endpoints } from "../../../scripts/local/endpoints-file.ts";
import { type LocalSystem, startSystem, temporaryFolder } from "../../support/local-system.ts";

// Each start takes seconds, many more on a busy machine, and there are three.
jest.setTimeout(360_000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let system: LocalSystem | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await system?.stop();
  await folder.remove();
});

async function start(...flags: string[]): Promise<Endpoints> {
  system = await startSystem(join(folder.path, "data"), "--no-seed", ...flags);
  return system.endpoints;
}

const options = (endpoints: Endpoints, service: "dynamodb" | "s3" | "sqs") => ({
  endpoint: endpoints.aws[service],
  region: endpoints.region,
  credentials: endpoints.aws,
});

async function leaveTraces(endpoints: Endpoints): Promise<void> {
  const Item = { project_id: { S: "kept" }, prefix: { S: "KEP" } };
  await new DynamoDBClient(options(endpoints, "dynamodb")).send(
    new PutItemCommand({ TableName: endpoints.tables.projects, Item }),
  );
  const s3 = new S3Client({ ...options(endpoints, "s3"), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: endpoints.buckets.assets, Key: "kept", Body: "kept" }));
  const QueueUrl = endpoints.queues["enceladus-events-dlq"];
  await new SQSClient(options(endpoints, "sqs")).send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
}

async function findTraces(endpoints: Endpoints) {
  const Key = { project_id: { S: "kept" } };
  const dynamodb = new DynamoDBClient(options(endpoints, "dynamodb"));
  const row = await dynamodb.send(new GetItemCommand({ TableName: endpoints.tables.projects, Key }));
  const s3 = new S3Client({ ...options(endpoints, "s3"), forcePathStyle: true });
  const object = await s3
    .send(new GetObjectCommand({ Bucket: endpoints.buckets.assets, Key: "kept" }))
    .catch(() => undefined);
  const QueueUrl = endpoints.queues["enceladus-events-dlq"];
  const messages = await new SQSClient(options(endpoints, "sqs")).send(new ReceiveMessageCommand({ QueueUrl }));
  return { row: row.Item !== undefined, object: object !== undefined, message: messages.Messages?.[0]?.Body };
}

describe("a restart", () => {
  it("keeps rows, objects, messages, users and keys; --fresh does not", async () => {
    const first = await start();
    await leaveTraces(first);
    await system?.stop();

    const second = await start();
    expect(await findTraces(second)).toEqual({ row: true, object: true, message: "kept" });
    expect(second.internalKey).toBe(first.internalKey);
    expect(second.userPoolId).toBe(first.userPoolId);
    expect(second.users.map(({ password }) => password)).toEqual(first.users.map(({ password }) => password));
    const answer = await fetch(`${second.apiUrl}/api/v1/projects`, {
      headers: { cookie: second.users[0]?.cookie ?? "" },
    });
    expect(answer.status).toBe(200);
    await system?.stop();

    const third = await start("--fresh");
    expect(await findTraces(third)).toEqual({ row: false, object: false, message: undefined });
    expect(third.internalKey).not.toBe(first.internalKey);
  });
});
