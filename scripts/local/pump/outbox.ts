import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, type MessageAttributeValue, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { nameInArn, serviceOfArn } from "./arn.ts";
import type { PumpContext } from "./types.ts";

/** Where what could not be processed is laid: dead-letter queues and on-failure destinations. */
export interface Outbox {
  sqs: SQSClient;
  sns: SNSClient;
  queueUrl(arn: string): Promise<string>;
  /** Sends to the queue or topic of the ARN. A failure is logged, not thrown: AWS has nobody to tell it either. */
  send(arn: string, body: unknown, attributes?: Record<string, string>): Promise<void>;
  close(): void;
}

export function createOutbox(context: Pick<PumpContext, "direct" | "region" | "credentials" | "log">): Outbox {
  const common = { region: context.region, credentials: context.credentials };
  const sqs = new SQSClient({ ...common, endpoint: context.direct.sqs, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...common, endpoint: context.direct.sns });

  const queueUrl = async (arn: string): Promise<string> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: nameInArn(arn) }));
    if (QueueUrl === undefined) throw new Error(`no queue ${arn}`);
    return QueueUrl;
  };

  const deliver = async (arn: string, body: string, attributes: Record<string, string>): Promise<void> => {
    const MessageAttributes: Record<string, MessageAttributeValue> = {};
    for (const [name, StringValue] of Object.entries(attributes)) {
      MessageAttributes[name] = { DataType: "String", StringValue };
    }
    if (serviceOfArn(arn) === "sns") {
      await sns.send(new PublishCommand({ TopicArn: arn, Message: body, MessageAttributes }));
    } else {
      await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(arn), MessageBody: body, MessageAttributes }));
    }
  };

  return {
    sqs,
    sns,
    queueUrl,
    send: async (arn, body, attributes = {}) => {
      try {
        await deliver(arn, JSON.stringify(body), attributes);
      } catch (error) {
        context.log(`could not send to ${arn}: ${String(error)}`);
      }
    },
    close: () => {
      sqs.destroy();
      sns.destroy();
    },
  };
}
