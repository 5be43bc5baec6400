import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type Fauxqs, startFauxqs } from "../../../scripts/local/fauxqs.ts";
import { createQueue } from "../../../scripts/local/provision/messaging.ts";
import { realName, services } from "../../support/services.ts";

const { region, credentials } = services;

it("the queue of deployments is as it is declared, but for its delay", async () => {
  const sqs = new SQSClient({ endpoint: services.direct.sqs, region, credentials, useQueueUrlAsEndpoint: false });
  const QueueUrl = realName("queues", "devops-deploy-queue.fifo");
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  sqs.destroy();
  expect(Attributes).toMatchObject({
    FifoQueue: "true",
    ContentBasedDeduplication: "true",
    DelaySeconds: "0",
    VisibilityTimeout: "360",
    MessageRetentionPeriod: "86400",
  });
  expect(JSON.parse(Attributes?.RedrivePolicy ?? "{}")).toEqual({
    deadLetterTargetArn: expect.stringMatching(/:devops-deploy-dlq[-\w]*\.fifo$/),
    maxReceiveCount: 5,
  });
});

let folder: string;
let started: { fauxqs: Fauxqs; sqs: SQSClient } | undefined;

const QUEUE = {
  name: "kept.fifo",
  url: "http://sqs/000000000000/kept.fifo",
  arn: "arn:aws:sqs:us-east-1:000000000000:kept.fifo",
  properties: { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 360 },
};

async function start(): Promise<SQSClient> {
  const fauxqs = await startFauxqs(region, folder);
  createQueue(fauxqs.stores, QUEUE);
  const sqs = new SQSClient({ endpoint: fauxqs.url, region, credentials, useQueueUrlAsEndpoint: false });
  started = { fauxqs, sqs };
  return sqs;
}

async function stop(): Promise<void> {
  started?.sqs.destroy();
  await started?.fauxqs.stop();
  started = undefined;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "queues-"));
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function messages(sqs: SQSClient) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: QUEUE.url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    }),
  );
  return Messages;
}

const receive = async (sqs: SQSClient) =>
  (await messages(sqs)).map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount]);

it("a message that is given back is there again at once, and is kept", async () => {
  const before = await start();
  await before.send(new SendMessageCommand({ QueueUrl: QUEUE.url, MessageBody: "one", MessageGroupId: "project" }));
  const giveBack = async () => {
    const [{ ReceiptHandle } = {}] = await messages(before);
    const back = { QueueUrl: QUEUE.url, ReceiptHandle, VisibilityTimeout: 0 };
    await before.send(new ChangeMessageVisibilityCommand(back));
  };
  await giveBack();
  await giveBack();
  await stop();
  expect(await receive(await start())).toEqual([["one", "3"]]);
});

it("a message that was in flight when everything stopped is there again at the next start, first of its group", async () => {
  const before = await start();
  for (const MessageBody of ["one", "two"]) {
    await before.send(new SendMessageCommand({ QueueUrl: QUEUE.url, MessageBody, MessageGroupId: "project" }));
  }
  expect(await receive(before)).toEqual([["one", "1"]]);
  expect(await receive(before)).toEqual([]);
  await stop();
  const after = await start();
  expect(await receive(after)).toEqual([["one", "2"]]);
  expect(await receive(after)).toEqual([]);
});
