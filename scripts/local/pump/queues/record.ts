import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";

/** A message as a function receives it. */
export type QueueRecord = Record<string, unknown> & { messageId: string; body: string };

export function toQueueRecord(message: Message, place: { queueArn: string; region: string }): QueueRecord {
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle,
    body: message.Body ?? "",
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: "aws:sqs",
    eventSourceARN: place.queueArn,
    awsRegion: place.region,
  };
}

/** What a filter looks at: the record with its body read as JSON, where it is JSON. */
export function filterView(record: QueueRecord): Record<string, unknown> {
  return { ...record, body: parsed(record.body) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function toAttribute(value: MessageAttributeValue): Record<string, unknown> {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && { binaryValue: Buffer.from(value.BinaryValue).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType,
  };
}
