import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { eventually } from "../../support/eventually.ts";
import { system } from "../../support/shared-system.ts";

const PROJECT = "audited";
/** The stream gathers for half a minute. */
const WITHIN_MS = 90_000;

const { endpoints } = system;
const settings = { region: endpoints.region, credentials: endpoints.aws };
const sqs = new SQSClient({ ...settings, endpoint: endpoints.aws.sqs });
const sns = new SNSClient({ ...settings, endpoint: endpoints.aws.sns });
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, endpoint: endpoints.aws.dynamodb }));
let queue = "";
let subscription: string | undefined;

beforeAll(async () => {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "audited-alerts" }));
  queue = QueueUrl;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const TopicArn = endpoints.topics["enceladus-alerts"];
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }),
  );
  subscription = SubscriptionArn;
  await ApiCaller.person(system).createProject(PROJECT, "AUD");
});

afterAll(async () => {
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queue }));
  for (const client of [sqs, sns, dynamodb]) client.destroy();
});

type Told = Record<string, unknown>;

it("people are told of a write past the API, with a way to the record, and of no write by it", async () => {
  const agent = ApiCaller.service(system);
  const path = `/api/v1/tracker/${PROJECT}/task`;
  const task = { title: "Watch", acceptance_criteria: ["it is seen"] };
  const { body } = await agent.post(path, task);
  await agent.post(`${path}/${body.record_id}/checkout`, { session_id: "claude" });
  await agent.post(`${path}/${body.record_id}/log`, { description: "seen", session_id: "claude" });
  const row = { record_type: "task", item_id: "AUD-TSK-900", title: "Put in by hand", status: "open", sync_version: 1 };
  const Item = { project_id: PROJECT, record_id: "task#AUD-TSK-900", ...row, write_source: { channel: "console" } };
  await dynamodb.send(new PutCommand({ TableName: endpoints.tables["devops-project-tracker"], Item }));

  const told: Told[] = [];
  const look = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }));
    told.push(...Messages.map(({ Body = "" }) => JSON.parse(JSON.parse(Body).Message) as Told));
    return told.filter(({ project_id }) => project_id === PROJECT);
  };
  const [alert, ...others] = await eventually(look, (seen) => seen.length > 0, WITHIN_MS);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    alert_type: "GOVERNANCE_WRITE_ANOMALY",
    anomaly_type: "UNKNOWN_CHANNEL",
    record_id: "AUD-TSK-900",
    message: expect.stringContaining('"console"'),
    who: { channel: "console" },
  });
  const { status, body: shown } = await agent.get(new URL(String(alert?.link)).pathname);
  expect([status, shown.record]).toMatchObject([200, { title: "Put in by hand" }]);
});
