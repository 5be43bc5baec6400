import { DeleteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import { epochSeconds } from "@enceladus/shared/time";

const KEPT_SECONDS = 24 * 3_600;

/** An answer as it is kept: its body as text, compressed where it is long, absent where even that is too much. */
export interface StoredAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text?: string;
  gzip?: Uint8Array;
  omitted?: true;
}

/** A call that is to happen once, and one run of it. */
export interface Claim {
  /** Stands for caller, operation, path and key. */
  id: string;
  /** Stands for what was asked: a key is good for one request only. */
  fingerprint: string;
  /** Unique to this run. */
  run: string;
  /** Milliseconds since the epoch: a run that has not answered by then never will. */
  deadline: number;
}

/** What is known of a call that was claimed before. */
export interface EarlierRun {
  fingerprint: string;
  deadline: number;
  answer?: StoredAnswer;
}

/**
 * Claims a call for this run.
 *
 *     claim ............ deadline ..................... 24 h
 *       |--- in flight ----|--- abandoned ---------------|--- outlived: as never seen
 *       |------ answered ------- (replayed) -------------|
 *
 * @returns the earlier run that stands in the way, or undefined when the call is ours
 * @throws the AWS error when it cannot be told whose the call is
 */
export async function claim(mine: Claim, now: number = Date.now()): Promise<EarlierRun | undefined> {
  const neverSeen = "attribute_not_exists(id)";
  // The database deletes outlived rows in its own time, up to days later.
  const outlived = "expires_at <= :seconds";
  // Its function has ended without an answer. Only the same request may take it over; another one is a mismatch.
  const abandoned = "attribute_not_exists(answer) AND deadline <= :now AND fingerprint = :fingerprint";
  // The client repeats a write whose answer got lost.
  const alreadyOurs = "run = :run";
  try {
    await dynamodb().send(
      new PutCommand({
        TableName: requireEnv("IDEMPOTENCY_TABLE"),
        Item: { ...mine, expires_at: epochSeconds(now) + KEPT_SECONDS },
        ConditionExpression: [neverSeen, outlived, abandoned, alreadyOurs].map((clause) => `(${clause})`).join(" OR "),
        ExpressionAttributeValues: {
          ":seconds": epochSeconds(now),
          ":now": now,
          ":fingerprint": mine.fingerprint,
          ":run": mine.run,
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return undefined;
  } catch (error) {
    if (awsErrorName(error) !== "ConditionalCheckFailedException") throw error;
    const { Item } = error as { Item?: Parameters<typeof unmarshall>[0] };
    if (!Item) throw error;
    return unmarshall(Item) as EarlierRun;
  }
}

/** This run is still the one that holds the call; after the deadline another one may have taken it over. */
const stillOurs = "run = :run";

/** Keeps the answer of a run. */
export async function keepAnswer({ id, run }: Claim, answer: StoredAnswer): Promise<void> {
  await dynamodb().send(
    new UpdateCommand({
      TableName: requireEnv("IDEMPOTENCY_TABLE"),
      Key: { id },
      UpdateExpression: "SET answer = :answer",
      ConditionExpression: stillOurs,
      ExpressionAttributeValues: { ":answer": answer, ":run": run },
    }),
  );
}

/** Gives a call back, so that it can be made again at once. */
export async function release({ id, run }: Claim): Promise<void> {
  await dynamodb().send(
    new DeleteCommand({
      TableName: requireEnv("IDEMPOTENCY_TABLE"),
      Key: { id },
      ConditionExpression: stillOurs,
      ExpressionAttributeValues: { ":run": run },
    }),
  );
}
