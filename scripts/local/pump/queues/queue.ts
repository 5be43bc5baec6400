import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

const CALL_SIZE = 10;

/** One queue, as far as a consumer needs it. */
export interface Queue {
  url: string;
  arn: string;
  /** Seconds. */
  visibilityTimeout: number;
  receive(count: number, waitSeconds: number): Promise<Message[]>;
  remove(messages: readonly Message[]): Promise<void>;
  /** Makes messages that nobody will process visible again. */
  giveBack(messages: readonly Message[]): Promise<void>;
}

export async function openQueue(sqs: SQSClient, url: string): Promise<Queue> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn", "VisibilityTimeout"] }),
  );
  return {
    url,
    arn: Attributes.QueueArn ?? "",
    visibilityTimeout: Number(Attributes.VisibilityTimeout ?? 30),
    receive: async (count, waitSeconds) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: Math.min(count, CALL_SIZE),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
    remove: async (messages) => {
      for (let at = 0; at < messages.length; at += CALL_SIZE) {
        const Entries = messages
          .slice(at, at + CALL_SIZE)
          .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    },
    giveBack: async (messages) => {
      // From the last to the first: each goes to the front of its group.
      for (const { ReceiptHandle } of [...messages].reverse()) {
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
      }
    },
  };
}
