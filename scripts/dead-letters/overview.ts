import { aligned } from "../api/aligned.ts";
import type { FailureQueue, Origin } from "../service/failure-queues.ts";
import { LetterBox } from "./letter-box.ts";
import type { Place } from "./place.ts";

/** How a queue of failures is. */
export interface QueueOverview {
  queue: string;
  from: string[];
  /** Undefined for a queue that is declared but not there. */
  waiting?: number;
  hidden?: number;
  /** Of the first letters of the queue, which may not be the oldest. */
  oldest_seconds?: number;
}

/** What ends in a queue, for people. */
export function originInWords(origin: Origin): string {
  switch (origin.kind) {
    case "queue":
      return `queue ${origin.queue}`;
    case "stream":
      return `${origin.function}, stream of ${origin.table}`;
    case "function":
      return `${origin.function}, events`;
    case "rule":
      return `${origin.function}, not handed over`;
    case "events":
      return `bus ${origin.bus}, not published`;
  }
}

async function overviewOf(queue: FailureQueue, { clients }: Place): Promise<QueueOverview> {
  const declared = { queue: queue.name, from: queue.origins.map(originInWords) };
  const box = await LetterBox.open(queue, clients.sqs).catch(() => undefined);
  if (!box) return declared;
  const { waiting, hidden } = await box.depth();
  // In a queue without letters a look would only wait.
  const letters = waiting + hidden > 0 ? await box.take(10, 1) : [];
  await box.giveBack(letters);
  const oldest = Math.min(...letters.map(({ sentAt }) => sentAt.getTime()));
  return {
    ...declared,
    waiting,
    hidden,
    ...(letters.length > 0 && { oldest_seconds: Math.max(0, Math.round((Date.now() - oldest) / 1000)) }),
  };
}

/** Every queue of failures of a place. */
export function overview(place: Place): Promise<QueueOverview[]> {
  return Promise.all(place.queues.map((queue) => overviewOf(queue, place)));
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

function ageText(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  const [unit, length] = UNITS.find(([, one]) => seconds >= one) ?? ["s", 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}

/** The same as a table. */
export function overviewText(queues: readonly QueueOverview[]): string {
  return aligned([
    ["QUEUE", "MESSAGES", "HIDDEN", "OLDEST", "FROM"],
    ...queues.map(({ queue, waiting, hidden, oldest_seconds, from }) => [
      queue,
      String(waiting ?? "not there"),
      String(hidden ?? ""),
      ageText(oldest_seconds),
      from.join("; "),
    ]),
  ]);
}
