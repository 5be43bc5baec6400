import { gunzipSync, gzipSync } from "node:zlib";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { reading } from "./database.ts";
import { dynamodb, type TransactItem } from "./dynamodb.ts";
import { requireEnv } from "./env.ts";
import { DomainError } from "./errors.ts";
import { epochSeconds } from "./time.ts";

/** As long as the answer to the call is kept. */
const KEPT_SECONDS = 24 * 3_600;
/** Shorter texts are not worth the work. */
const COMPRESSED_FROM = 4 * 1024;
/** A transaction takes 4 MB, a row 400 KB; the rest is for what else is in them. */
const MAX_BYTES = 300_000;

function rowId(onceKey: string): string {
  return `${onceKey}#done`;
}

function packed(result: unknown): { text?: string; gzip?: Uint8Array } {
  const text = JSON.stringify(result);
  if (text.length < COMPRESSED_FROM) return { text };
  const gzip = gzipSync(text);
  return gzip.byteLength <= MAX_BYTES ? { gzip } : {};
}

/**
 * The item that makes an effect the only one of its call. It stands in the transaction of the effect and says what came
 * of it: a run whose answer got lost has left it behind, and the run that repeats it fails here instead of writing a
 * twin, and finds what to answer.
 * @param result plain JSON
 */
export function markDone(onceKey: string, result: unknown, now: number = Date.now()): TransactItem {
  const neverDone = "attribute_not_exists(id)";
  // The database deletes outlived rows in its own time, up to days later.
  const outlived = "expires_at <= :seconds";
  return {
    Put: {
      TableName: requireEnv("IDEMPOTENCY_TABLE"),
      Item: { id: rowId(onceKey), ...packed(result), expires_at: epochSeconds(now) + KEPT_SECONDS },
      ConditionExpression: `${neverDone} OR ${outlived}`,
      ExpressionAttributeValues: { ":seconds": epochSeconds(now) },
    },
  };
}

/** What came of an earlier run of a call. */
export interface Done<Result> {
  result: Result;
}

/**
 * What an earlier run of the call has made, if there was one.
 * @throws DomainError CONFLICT where that was too long to be kept
 */
export async function doneBefore<Result>(onceKey: string): Promise<Done<Result> | undefined> {
  const Key = { id: rowId(onceKey) };
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: requireEnv("IDEMPOTENCY_TABLE"), Key, ConsistentRead: true })),
  );
  if (!Item) return undefined;
  const { text, gzip } = Item as { text?: string; gzip?: Uint8Array };
  const json = gzip ? gunzipSync(gzip).toString("utf8") : text;
  if (json === undefined) {
    throw new DomainError("CONFLICT", "This request was carried out before; its result was too long to be kept.", {
      next_action: "Read what the first request has made; do not send it again.",
    });
  }
  return { result: JSON.parse(json) as Result };
}
