import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Pair, Side } from "./pairs.ts";

/** How far the bytes of a request may be apart: times and numbers have lengths of their own. */
const TOLERANCE = 0.03;

interface SentCall {
  command: string;
  bytes: number;
}

function byteLength(body: unknown): number {
  return typeof body === "string" ? Buffer.byteLength(body) : 0;
}

/** What a client sends while the timed part of one side runs. */
async function sentBy(client: DynamoDBDocumentClient, side: Side, n: number): Promise<SentCall[]> {
  const sent: SentCall[] = [];
  await side.before?.(n);
  client.middlewareStack.add(
    (next, context) => async (step) => {
      const { body } = step.request as { body?: unknown };
      sent.push({ command: String(context.commandName), bytes: byteLength(body) });
      return next(step);
    },
    { step: "build", name: "bench-recorder" },
  );
  await side.call(n)();
  client.middlewareStack.remove("bench-recorder");
  await side.after?.(n);
  return sent;
}

function isSame(left: SentCall | undefined, right: SentCall | undefined): boolean {
  if (!left || !right || left.command !== right.command) return false;
  return Math.abs(left.bytes - right.bytes) <= TOLERANCE * right.bytes;
}

/**
 * Makes sure that the bare calls are still those of the tracker: the same commands with as many bytes.
 * @throws Error that names what differs
 */
export async function checkSameCalls(
  pair: Pair,
  clients: { served: DynamoDBDocumentClient; bare: DynamoDBDocumentClient },
  n: number,
): Promise<void> {
  const served = await sentBy(clients.served, pair.served, n);
  const bare = await sentBy(clients.bare, pair.bare, n);
  const same = served.length === bare.length && served.every((call, index) => isSame(call, bare[index]));
  if (same) return;
  throw new Error(
    `the bare calls of "${pair.name}" are no longer those of the tracker: ${JSON.stringify({ served, bare })}`,
  );
}
