import { VISIBILITY_TIMES } from "./check-choice.ts";
import type { Choice } from "./choice.ts";
import { failuresQueueId, workQueueId } from "./declaration.ts";
import { namesOf } from "./names.ts";

/** Fourteen days, the longest that SQS keeps a message. */
const RETENTION = 1_209_600;

function queue(comment: string, id: string, name: string, properties: readonly string[]): string {
  return `${comment}  ${id}:
    Type: AWS::SQS::Queue
    DeletionPolicy: \${param:retain}
    UpdateReplacePolicy: \${param:retain}
    Properties:
      QueueName: ${name}\${param:suffix}
${properties.map((line) => `      ${line}\n`).join("")}`;
}

const kept = [`MessageRetentionPeriod: ${RETENTION}`, "SqsManagedSseEnabled: true"];

const LETTERS = {
  stream: "Changes that could not be dealt with, after all retries: where they lie in the stream",
  rule: "Events that could not be dealt with, after all retries",
  schedule: "Runs that failed, after all retries",
} as const;

/** Who hands events over puts there what it cannot hand over. */
function rulePolicy(id: string, queueId: string): string {
  return `  # The rule puts there what it cannot hand over to the function.
  ${id}:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [{ Ref: ${queueId} }]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: events.amazonaws.com }
            Action: sqs:SendMessage
            Resource: { Fn::GetAtt: [${queueId}, Arn] }
            Condition:
              ArnLike:
                aws:SourceArn: { Fn::Sub: "arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/*" }
`;
}

/**
 * What resources/queues.yml needs for a function: where that ends which it cannot deal with, and the queue that it works
 * off, if that is its own.
 */
export function queueBlocks(choice: Choice): string[] {
  const names = namesOf(choice.name);
  switch (choice.trigger) {
    case "http":
      return [];
    case "queue": {
      if (choice.queue !== undefined) return [];
      const deadId = `${names.pascal}DeadLetterQueue`;
      const work = [
        `VisibilityTimeout: ${choice.timeout * VISIBILITY_TIMES}`,
        "ReceiveMessageWaitTimeSeconds: 20",
        ...kept,
        "RedrivePolicy:",
        `  deadLetterTargetArn: { Fn::GetAtt: [${deadId}, Arn] }`,
        "  maxReceiveCount: 5",
      ];
      const comment = `  # What ${names.folder} works off. A message stays hidden for six times as long as the function may take.\n`;
      return [
        queue(comment, workQueueId(names), names.deployed, work),
        queue("", deadId, `${names.deployed}-dlq`, kept),
      ];
    }
    default: {
      const id = failuresQueueId(names);
      const comment = `  # ${LETTERS[choice.trigger]} (${names.folder}).\n`;
      const failures = queue(comment, id, `${names.deployed}-failures`, kept);
      return choice.trigger === "rule" ? [failures, rulePolicy(`${names.pascal}FailuresPolicy`, id)] : [failures];
    }
  }
}
