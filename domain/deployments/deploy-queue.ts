import type { SendMessageCommandInput, SendMessageCommandOutput, SQSClient } from "@aws-sdk/client-sqs";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { settings } from "./settings.ts";

/** Why a project is looked at. */
export type Trigger =
  | "deploy_request"
  | "state_activated"
  | "manual_api"
  | "github_actions"
  | "build_finalized"
  | "more_pending";

let client: SQSClient | undefined;

/** Sends a message. Most calls of the intake send none. */
async function send(message: SendMessageCommandInput): Promise<SendMessageCommandOutput> {
  const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
  client ??= new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
  return client.send(new SendMessageCommand(message));
}

/**
 * Says that a project has something to deploy. Messages of a project are handled one after the other; one with the same
 * `once` within five minutes is the same message.
 * @param once makes the message the one it is: a request, a spec, or something random
 * @param more further fields of the body
 * @returns the message's id; undefined where no queue is configured
 * @throws the AWS error after the client's retries
 */
export async function sendTrigger(
  projectId: string,
  trigger: Trigger,
  once: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const QueueUrl = settings.queueUrl();
  if (QueueUrl === undefined) return undefined;
  const { MessageId } = await send({
    QueueUrl,
    MessageBody: JSON.stringify({ project_id: projectId, trigger, ...more }),
    MessageGroupId: projectId,
    MessageDeduplicationId: once,
  });
  return MessageId;
}

/**
 * As `sendTrigger`, where the caller's own work is done and stays done: a message that cannot be sent is logged and
 * counted (`deploy_trigger_failed`), and whoever triggers the project next makes good for it.
 * @returns the message's id; undefined where none was sent
 */
export async function tell(projectId: string, trigger: Trigger, once: string): Promise<string | undefined> {
  try {
    return await sendTrigger(projectId, trigger, once);
  } catch (error) {
    log().error("deploy_trigger_failed", { project_id: projectId, trigger, error: error as Error });
    await count("deploy_trigger_failed", { trigger });
    return undefined;
  }
}

/** A deduplication id has 128 characters, of which the longest project and trigger take 70. */
const ONCE_CHARACTERS = 48;

/**
 * What makes a message the one it is, where it stands for no request or spec: two calls are two messages, the repeat of a
 * call with a key is none.
 */
export function onceFor(projectId: string, trigger: Trigger, onceKey: string | undefined): string {
  return `${projectId}:${trigger}:${onceKey?.slice(0, ONCE_CHARACTERS) ?? crypto.randomUUID()}`;
}

/** Says after a build that others wait. @throws the AWS error after the client's retries */
export function sendBuildFinalized(projectId: string, specId: string): Promise<string | undefined> {
  return sendTrigger(projectId, "build_finalized", `${projectId}:build_finalized:${specId}`);
}

/** Says that more is pending than one look takes. @throws the AWS error after the client's retries */
export function sendMorePending(projectId: string): Promise<string | undefined> {
  return sendTrigger(projectId, "more_pending", `${projectId}:more_pending:${crypto.randomUUID()}`);
}
