import type { SQSRecord } from "aws-lambda";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:things";

/** A message as a function behind a queue gets it; with a group it comes from a FIFO queue. */
export function queueRecord(id: string, body: unknown, group?: string): SQSRecord {
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: "2",
      SentTimestamp: String(Date.now() - 65_000),
      SenderId: "somebody",
      ApproximateFirstReceiveTimestamp: String(Date.now()),
      ...(group !== undefined && { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: group === undefined ? QUEUE : `${QUEUE}.fifo`,
    awsRegion: "us-east-1",
  };
}
