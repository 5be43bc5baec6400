import type { SNSClient } from "@aws-sdk/client-sns";
import { DomainError } from "./errors.ts";

/** A message to people. */
export interface Alert {
  /** What it is about, in a line; what SNS does not take in a subject is replaced. */
  subject: string;
  /** By which subscriptions tell alerts apart: the message attribute `alert_type`. */
  type: string;
  /** Sent as JSON. */
  body: Readonly<Record<string, unknown>>;
}

/** "Less than 100 characters" (SNS, Publish). */
const MAX_SUBJECT = 99;

/** A subject as SNS takes it: ASCII without control characters, not too long. */
export function alertSubject(text: string): string {
  return text.slice(0, MAX_SUBJECT).replace(/[^ -~]/g, "?");
}

let client: SNSClient | undefined;

/** A topic that hangs must not use up the time of all the alerts that wait behind this one. */
async function sns(): Promise<SNSClient> {
  if (client) return client;
  const { SNSClient } = await import("@aws-sdk/client-sns");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
  client = new SNSClient({ maxAttempts: 3, requestHandler });
  return client;
}

/**
 * Publishes an alert. A topic forgets nothing and recognises nothing: where the answer gets lost, the client's repeat is a
 * second message, so the body should have an id by which readers know it again.
 * @throws DomainError UPSTREAM_ERROR after the client's retries; the alert may have gone out all the same
 */
export async function publishAlert(topicArn: string, { subject, type, body }: Alert): Promise<void> {
  const { PublishCommand } = await import("@aws-sdk/client-sns");
  const message = new PublishCommand({
    TopicArn: topicArn,
    Subject: alertSubject(subject),
    // Indented, since most are read as mails.
    Message: JSON.stringify(body, null, 2),
    MessageAttributes: { alert_type: { DataType: "String", StringValue: type } },
  });
  try {
    await (await sns()).send(message);
  } catch (cause) {
    throw new DomainError("UPSTREAM_ERROR", "The alert could not be published.", {}, { retryable: true, cause });
  }
}
