import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type CancellationReason, cancellationReasons } from "@enceladus/shared/aws-errors";
import { rowOfImage } from "@enceladus/shared/conditional-write";
import { writing } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import pRetry from "p-retry";

/** DynamoDB takes no more in one transaction. */
export const MAX_ITEMS = 100;

/** What a transaction came to: nothing, or the reasons why nothing was written. */
export type TransactionOutcome = { committed: true } | { committed: false; reasons: readonly CancellationReason[] };

class Contended extends Error {}

/** Whether an item's condition did not hold. */
export function failed(reason: CancellationReason | undefined): boolean {
  return reason?.Code === "ConditionalCheckFailed";
}

/** The row that failed a condition, where the item asked for it (`ALL_OLD`); undefined if there is none. */
export function rowOf<Row>(reason: CancellationReason | undefined): Row | undefined {
  return rowOfImage<Row>(reason?.Item);
}

async function attempt(TransactItems: TransactItem[], token: string): Promise<TransactionOutcome> {
  try {
    // The token makes the client's own repeat of a call whose answer got lost succeed, instead of failing its conditions.
    await writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems, ClientRequestToken: token })));
    return { committed: true };
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) throw error;
    if (reasons.some(failed)) return { committed: false, reasons };
    // Somebody else's transaction was under way on one of the rows, or the table could not keep up.
    throw new Contended();
  }
}

/**
 * Writes all of it or nothing.
 * @param items at most 100
 * @returns the reasons, one an item in their order, where a condition did not hold
 * @throws DomainError INTERNAL_ERROR; UNAVAILABLE where others are in the way all the time
 */
export async function transact(items: readonly TransactItem[]): Promise<TransactionOutcome> {
  try {
    return await pRetry(() => attempt([...items], crypto.randomUUID()), {
      retries: 6,
      minTimeout: 30,
      maxTimeout: 600,
      randomize: true,
      shouldRetry: ({ error }) => error instanceof Contended,
    });
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    throw new DomainError(
      "UNAVAILABLE",
      "The deployments of the project are being written by others.",
      {},
      {
        retryAfterSeconds: 1,
      },
    );
  }
}
