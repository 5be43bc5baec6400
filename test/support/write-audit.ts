import { randomBytes } from "node:crypto";
import { CreateTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { AuditAnswer } from "../../functions/governance-audit/audit.ts";
import { handler } from "../../functions/governance-audit/handler.ts";
import { systemClock } from "../../scripts/local/pump/clock.ts";
import { openStream } from "../../scripts/local/pump/streams/api.ts";
import { actAs, directDynamodb, realName, services } from "./services.ts";

const { region, credentials, direct } = services;
const sns = new SNSClient({ region, credentials, endpoint: direct.sns });
const sqs = new SQSClient({ region, credentials, endpoint: direct.sqs });

/** An alert as somebody who has subscribed to the topic gets it. */
export interface ReceivedAlert {
  subject: string;
  type: string;
  body: Record<string, unknown>;
  /** The message to the letter. */
  text: string;
}

interface Envelope {
  Subject: string;
  Message: string;
  MessageAttributes: { alert_type: { Value: string } };
}

/** All messages that lie in a queue, taken out of it. */
async function drain(QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = "" }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** An audit of its own: what containers agree on, and what people have been told, is one for all of a table and a topic. */
export interface Audit {
  /** What has come since the last look. */
  alerts(): Promise<ReceivedAlert[]>;
  /** The violations that are kept. */
  rows(): Promise<Record<string, unknown>[]>;
}

async function tableLike(original: string, name: string): Promise<void> {
  const { Table } = await directDynamodb.send(new DescribeTableCommand({ TableName: original }));
  const indexes = Table?.GlobalSecondaryIndexes ?? [];
  await directDynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: Table?.KeySchema,
      AttributeDefinitions: Table?.AttributeDefinitions,
      GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    }),
  );
}

/** Lets this process audit with a table and a topic of its own, and with a queue that has subscribed to the topic. */
export async function newAudit(): Promise<Audit> {
  const name = `audit-${randomBytes(6).toString("hex")}`;
  await tableLike(realName("tables", "agent-compliance-violations"), name);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }));
  actAs("governanceAudit");
  process.env.AGENT_COMPLIANCE_TABLE = name;
  process.env.GOVERNANCE_ALERT_SNS_ARN = TopicArn;
  return {
    alerts: async () =>
      (await drain(QueueUrl)).map((body) => {
        const { Subject, Message, MessageAttributes } = JSON.parse(body) as Envelope;
        const type = MessageAttributes.alert_type.Value;
        return { subject: Subject, type, body: JSON.parse(Message) as Record<string, unknown>, text: Message };
      }),
    rows: async () => {
      const { Items = [] } = await directDynamodb.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
      return Items.filter(({ violation_id }) => violation_id.startsWith("GOV-"));
    },
  };
}

/** Hands an event to the audit as Lambda does. */
export async function audit(event: object, remainingMs = 30_000): Promise<AuditAnswer> {
  return (await handler(event, { getRemainingTimeInMillis: () => remainingMs })) as AuditAnswer;
}

export const auditRecords = (Records: readonly object[], remainingMs?: number) => audit({ Records }, remainingMs);

/** What the stream of the tracker tells from a moment on. */
export interface TrackerNews {
  /** All that it has told of these projects by now. */
  of(projectIds: readonly string[]): Promise<DynamoDBRecord[]>;
}

/** Follows the stream of the tracker from now on: what all other tests have written before is not read. */
export async function followTracker(): Promise<TrackerNews> {
  const TableName = realName("tables", "devops-project-tracker");
  const { Table } = await directDynamodb.send(new DescribeTableCommand({ TableName }));
  const stream = openStream(Table?.LatestStreamArn ?? "", { direct, region, credentials, clock: systemClock });
  // DynamoDB Local knows no end of a shard that has nothing in it yet.
  const Item = { project_id: "followed", record_id: "counter#followed", record_type: "counter", at: Date.now() };
  await directDynamodb.send(new PutCommand({ TableName, Item }));
  const shards = await stream.shards();
  const positions: (string | undefined)[] = await Promise.all(
    shards.map(({ id }) => stream.iterator(id, { type: "LATEST" })),
  );
  const told: DynamoDBRecord[] = [];

  async function readOn(position: string | undefined): Promise<string | undefined> {
    let next = position;
    for (let isEmpty = false; next !== undefined && !isEmpty; ) {
      const page = await stream.read(next);
      told.push(...page.records.map(({ event }) => event as DynamoDBRecord));
      next = page.next;
      isEmpty = page.records.length === 0;
    }
    return next;
  }

  return {
    of: async (projectIds) => {
      for (const [index, position] of positions.entries()) positions[index] = await readOn(position);
      return told.filter(({ dynamodb }) => projectIds.includes(dynamodb?.Keys?.project_id?.S ?? ""));
    },
  };
}
