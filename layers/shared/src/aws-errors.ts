/** The name of an AWS exception (`ConditionalCheckFailedException`, `NoSuchKey`, ...), or "" for anything else. */
export function awsErrorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** What a transaction says about one of its items. */
export interface CancellationReason {
  Code?: string | undefined;
  Item?: Record<string, unknown> | undefined;
}

/**
 * Why a transaction was cancelled, one entry an item in the order of the request; undefined when the error is none.
 * With `ReturnValuesOnConditionCheckFailure: ALL_OLD` an entry holds the item that failed the condition, so that a
 * refusal needs no second read.
 */
export function cancellationReasons(error: unknown): CancellationReason[] | undefined {
  if (awsErrorName(error) !== "TransactionCanceledException") return undefined;
  const reasons = (error as { CancellationReasons?: CancellationReason[] }).CancellationReasons;
  return reasons ?? [];
}
