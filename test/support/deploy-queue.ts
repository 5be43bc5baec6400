import { randomUUID } from "node:crypto";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll } from "@jest/globals";
import { services } from "./services.ts";

const sqs = new SQSClient({
  endpoint: services.direct.sqs,
  region: services.region,
  credentials: services.credentials,
  useQueueUrlAsEndpoint: false,
});

afterAll(() => sqs.destroy());

/** A message as it lies in the queue. */
export interface SentMessage {
  body: Record<string, unknown>;
  group: string | undefined;
  once: string | undefined;
}

function sent({ Body = "", Attributes = {} }: Message): SentMessage {
  return { body: JSON.parse(Body), group: Attributes.MessageGroupId, once: Attributes.MessageDeduplicationId };
}

/**
 * Makes a queue as that of deployments is, for this test file alone, and has the functions of this process send to it:
 * of the one queue each test would take away the messages of the others.
 */
export async function ownDeployQueue() {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `deploy-${randomUUID()}.fifo`,
      Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" },
    }),
  );
  // The client sends to where the address of the queue leads: over the wire, as with the declared queue.
  const url = new URL(new URL(QueueUrl ?? "").pathname, process.env.AWS_ENDPOINT_URL_SQS).href;
  process.env.SQS_QUEUE_URL = url;
  return {
    url,
    /** The messages about a project; all that lie in the queue are taken out. */
    take: async (projectId: string): Promise<SentMessage[]> => {
      const messages: SentMessage[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: 0,
            MessageSystemAttributeNames: ["All"],
          }),
        );
        if (Messages.length === 0) return messages.filter(({ group }) => group === projectId);
        messages.push(...Messages.map(sent));
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
  };
}
