import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { UserError } from "../api/user-error.ts";
import { failedItems } from "../local/pump/batch-report.ts";
import type { Letter, WayBack } from "./letter.ts";
import { queueUrl } from "./letter-box.ts";
import type { Clients } from "./place.ts";
import { recordsOf } from "./stream-records.ts";

type To<Kind extends WayBack["to"]> = Extract<WayBack, { to: Kind }>;

/** Where a letter goes back to, for people. */
export function wayInWords(back: WayBack): string {
  switch (back.to) {
    case "queue":
      return `to the queue ${back.queue}${back.groupId === undefined ? "" : `, group ${back.groupId}`}`;
    case "function":
      return `to the function ${back.function}`;
    case "stream":
      return `to the function ${back.function}, with its records of the stream`;
    case "bus":
      return `to the bus ${back.bus}`;
    case "nowhere":
      return `nowhere: ${back.because}`;
  }
}

async function toQueue({ queue, groupId }: To<"queue">, letter: Letter, { sqs }: Clients): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: await queueUrl(queue, sqs),
      MessageBody: letter.body,
      MessageAttributes: letter.attributes,
      // Other than that of the message as it first came, which may still be remembered; the same when this letter is sent
      // twice, because its removal failed.
      ...(queue.endsWith(".fifo") && { MessageGroupId: groupId ?? letter.id, MessageDeduplicationId: letter.id }),
    }),
  );
}

async function toFunction(back: To<"function">, { lambda }: Clients): Promise<void> {
  const Payload = JSON.stringify(back.payload);
  await lambda.send(new InvokeCommand({ FunctionName: back.function, InvocationType: "Event", Payload }));
}

function answerOf(payload: Uint8Array | undefined): unknown {
  const text = Buffer.from(payload ?? []).toString("utf8");
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

async function toStreamReader(back: To<"stream">, { lambda, streams, region }: Clients): Promise<void> {
  const records = await recordsOf(streams, back, region);
  if (records.length === 0) return;
  const Payload = JSON.stringify({ Records: records.map(({ event }) => event) });
  const { FunctionError, Payload: answered } = await lambda.send(
    new InvokeCommand({ FunctionName: back.function, Payload }),
  );
  const answer = answerOf(answered);
  if (FunctionError) {
    const { errorMessage } = (answer ?? {}) as { errorMessage?: unknown };
    throw new UserError(`${back.function} failed again: ${String(errorMessage ?? FunctionError)}`);
  }
  const failed = failedItems(
    answer,
    records.map(({ sequenceNumber }) => sequenceNumber),
  );
  const count = failed === "all" ? records.length : failed.size;
  if (count > 0) throw new UserError(`${back.function} failed again, with ${count} of ${records.length} records`);
}

async function toBus({ bus, event }: To<"bus">, { events }: Clients): Promise<void> {
  const { source, detailType, detail } = event;
  const Entries = [{ EventBusName: bus, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }];
  const answer = await events.send(new PutEventsCommand({ Entries }));
  if (answer.FailedEntryCount) throw new UserError(`the bus refused it: ${answer.Entries?.[0]?.ErrorCode ?? "?"}`);
}

/**
 * Puts a letter back where it came from. It has been accepted there when this ends; only of a stream's records it is known
 * that they were dealt with, too.
 * @throws Error that says why not
 */
export async function resend(letter: Letter, clients: Clients): Promise<void> {
  const { back } = letter;
  switch (back.to) {
    case "queue":
      return toQueue(back, letter, clients);
    case "function":
      return toFunction(back, clients);
    case "stream":
      return toStreamReader(back, clients);
    case "bus":
      return toBus(back, clients);
    case "nowhere":
      throw new UserError(`there is no way back: ${back.because}`);
  }
}
