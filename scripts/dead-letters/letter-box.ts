import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { UserError } from "../api/user-error.ts";
import type { FailureQueue } from "../service/failure-queues.ts";
import { type Letter, readLetter } from "./letter.ts";

/** SQS gives no more at once. */
const MOST_AT_ONCE = 10;
/**
 * To wait at all lets SQS ask all of its servers: an empty answer then means that there is nothing. So long, what was just
 * given back appears.
 */
const WAIT_SECONDS = 2;
/** As soon as may be: of no seconds at all the local SQS makes a loss where it keeps its messages on disk. */
const GIVE_BACK_SECONDS = 1;

export interface Depth {
  /** To be had. */
  waiting: number;
  /** In somebody's hands, this program's included. */
  hidden: number;
}

/** A queue of failures, as far as one looks through it. */
export class LetterBox {
  readonly queue: FailureQueue;
  readonly #sqs: SQSClient;
  readonly #url: string;

  private constructor(queue: FailureQueue, sqs: SQSClient, url: string) {
    this.queue = queue;
    this.#sqs = sqs;
    this.#url = url;
  }

  /** @throws UserError where the queue is declared but not there */
  static async open(queue: FailureQueue, sqs: SQSClient): Promise<LetterBox> {
    return new LetterBox(queue, sqs, await queueUrl(queue.name, sqs));
  }

  /** As SQS counts, which may be a minute late. */
  async depth(): Promise<Depth> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: ["All"] }),
    );
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
    return { waiting: Number(waiting ?? 0), hidden: Number(hidden ?? 0) };
  }

  /**
   * The next letters; none if nothing is to be had.
   * @param hideSeconds how long nobody else gets them
   */
  async take(most: number, hideSeconds: number): Promise<Letter[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: Math.min(most, MOST_AT_ONCE),
        WaitTimeSeconds: WAIT_SECONDS,
        VisibilityTimeout: hideSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
    );
    return Messages.map((message) => readLetter(message, this.queue));
  }

  /** Hides a letter for so long from now on. */
  async hold({ receiptHandle: ReceiptHandle }: Letter, VisibilityTimeout: number): Promise<void> {
    await this.#sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle, VisibilityTimeout }));
  }

  async remove({ receiptHandle }: Letter): Promise<void> {
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: receiptHandle }));
  }

  /** Lets others have them. Where that fails, the queue does it by itself, later. */
  async giveBack(letters: readonly Letter[]): Promise<void> {
    for (const letter of letters) await this.hold(letter, GIVE_BACK_SECONDS).catch(() => undefined);
  }
}

/** @throws UserError where there is no such queue */
export async function queueUrl(name: string, sqs: SQSClient): Promise<string> {
  try {
    const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    throw new UserError(`There is no queue ${name} there yet: it comes with the next deploy, or start.`);
  }
}

/**
 * Looks through a queue, some letters at a time, until so many are found or nothing more is to be had; each letter once.
 * @param hideSeconds must be longer than the look takes: a batch of which all has been seen ends it
 */
export async function* lettersOf(
  box: Pick<LetterBox, "take">,
  most: number,
  hideSeconds: number,
): AsyncGenerator<Letter[]> {
  const seen = new Set<string>();
  while (seen.size < most) {
    const letters = await box.take(most - seen.size, hideSeconds);
    const fresh = letters.filter(({ id }) => !seen.has(id));
    if (fresh.length === 0) return;
    for (const letter of fresh) seen.add(letter.id);
    yield fresh;
  }
}
