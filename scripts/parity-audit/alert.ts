import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

/** The most that a message may have is 256 KiB; nobody reads that much. */
const MOST_CHARACTERS = 60_000;

/** Tells people of an audit that found something. */
export async function sendAlert(topicArn: string, stage: string, summary: string): Promise<void> {
  const [, , , region] = topicArn.split(":");
  await new SNSClient({ region }).send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: `Enceladus ${stage}: what is live differs from what is declared`.slice(0, 100),
      Message: summary.slice(0, MOST_CHARACTERS),
    }),
  );
}
