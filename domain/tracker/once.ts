import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { epochSeconds } from "@enceladus/shared/time";
import { tables } from "./tables.ts";
import type { TransactItem } from "./transaction.ts";

/** As long as the answer to the call is kept. */
const KEPT_SECONDS = 24 * 3_600;

/** What a call with an Idempotency-Key has written. */
export interface Done {
  item_id: string;
  at: string;
}

function rowId(onceKey: string): string {
  return `${onceKey}#done`;
}

/**
 * The item that makes an effect the only one of its call. It stands in the transaction of the effect: a run whose answer
 * got lost has left it behind, and the run that repeats it fails here instead of writing a twin.
 */
export function markDone(onceKey: string, done: Done, now: number = Date.now()): TransactItem {
  const neverDone = "attribute_not_exists(id)";
  // The database deletes outlived rows in its own time, up to days later.
  const outlived = "expires_at <= :seconds";
  return {
    Put: {
      TableName: tables.idempotency(),
      Item: { id: rowId(onceKey), ...done, expires_at: epochSeconds(now) + KEPT_SECONDS },
      ConditionExpression: `${neverDone} OR ${outlived}`,
      ExpressionAttributeValues: { ":seconds": epochSeconds(now) },
    },
  };
}

/** What an earlier run of the call has written, if there was one. */
export async function doneBefore(onceKey: string): Promise<Done | undefined> {
  const Key = { id: rowId(onceKey) };
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.idempotency(), Key, ConsistentRead: true })),
  );
  return Item as Done | undefined;
}
