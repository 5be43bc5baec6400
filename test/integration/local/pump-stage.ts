import { SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { type EventBus, startEventBus } from "../../../scripts/local/event-bus.ts";
import { type PumpOptions, startPump, type Timing } from "../../../scripts/local/pump/index.ts";
import { type LambdaEndpoint, startLambdaEndpoint } from "./lambda-endpoint-double.ts";

const REGION = "us-east-1";
const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Everything around the pump: real queues and topics, the bus, and an endpoint that plays the functions. */
export interface Stage {
  lambda: LambdaEndpoint;
  eventBus: EventBus;
  sqs: SQSClient;
  sns: SNSClient;
  client: { region: string; credentials: typeof credentials };
  fauxqs: FauxqsServer;
  lines: string[];
  /** Starts a pump for these functions; the deployed name of a function is its key. */
  pump(functions: PumpOptions["functions"], options?: PumpSettings): Promise<{ stop(): Promise<void> }>;
  queue(name: string, attributes?: Record<string, string>): Promise<TestQueue>;
  stop(): Promise<void>;
}

export type PumpSettings = { timing?: Partial<Timing>; stateFile?: string; names?: Record<string, string> };

export interface TestQueue {
  url: string;
  arn: string;
  send(body: unknown, more?: Partial<SendMessageCommandInput>): Promise<void>;
  /** How many messages there are: to be had, in flight, delayed. */
  count(): Promise<[number, number, number]>;
  /** Takes messages out as any other consumer would. */
  take(): Promise<Message[]>;
}

export async function startStage(dynamodb = "http://127.0.0.1:9"): Promise<Stage> {
  const fauxqs = await startFauxqs({ port: 0, logger: false });
  const aws = `http://127.0.0.1:${fauxqs.port}`;
  const lambda = await startLambdaEndpoint();
  const eventBus = await startEventBus({ buses: ["test-bus"] });
  const client = { region: REGION, credentials };
  const sqs = new SQSClient({ ...client, endpoint: aws, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...client, endpoint: aws });
  const pumps: { stop(): Promise<void> }[] = [];
  const lines: string[] = [];

  return {
    lambda,
    eventBus,
    sqs,
    sns,
    client,
    fauxqs,
    lines,
    pump: async (functions, { names = {}, ...settings } = {}) => {
      const pump = await startPump({
        functions,
        functionNames: Object.fromEntries(Object.keys(functions).map((key) => [key, names[key] ?? key])),
        references: { resolve: (value) => value },
        direct: { dynamodb, sqs: aws, sns: aws },
        credentials,
        region: REGION,
        lambdaUrl: lambda.url,
        eventBus,
        log: (message) => void lines.push(message),
        ...settings,
      });
      pumps.push(pump);
      return pump;
    },
    queue: (name, attributes = {}) => createQueue(sqs, name, attributes),
    stop: async () => {
      await Promise.all(pumps.map((pump) => pump.stop()));
      sqs.destroy();
      sns.destroy();
      await Promise.all([eventBus.stop(), lambda.stop(), fauxqs.stop()]);
    },
  };
}

async function createQueue(sqs: SQSClient, name: string, attributes: Record<string, string>): Promise<TestQueue> {
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const attribute = async (
    ...names: ("QueueArn" | `ApproximateNumberOfMessages${"" | "NotVisible" | "Delayed"}`)[]
  ) => {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }));
    return names.map((key) => Attributes[key] ?? "");
  };
  const [arn = ""] = await attribute("QueueArn");
  return {
    url,
    arn,
    send: async (body, more = {}) => {
      const MessageBody = typeof body === "string" ? body : JSON.stringify(body);
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...more }));
    },
    count: async () => {
      const [ready, inFlight, delayed] = await attribute(
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      );
      return [Number(ready), Number(inFlight), Number(delayed)];
    },
    take: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
  };
}
