import { awsErrorName } from "./aws-errors.ts";
import { DomainError } from "./errors.ts";

/** Outcomes that belong to the business: the caller of the store decides what they mean. */
const EXPECTED = new Set(["ConditionalCheckFailedException", "TransactionCanceledException"]);

async function guarded<T>(message: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof DomainError || EXPECTED.has(awsErrorName(cause))) throw cause;
    throw new DomainError("INTERNAL_ERROR", message, {}, { retryable: true, cause });
  }
}

/** Runs a read of one thing. @throws DomainError INTERNAL_ERROR `Database read failed.` after the client's retries */
export function reading<T>(call: () => Promise<T>): Promise<T> {
  return guarded("Database read failed.", call);
}

/** Runs a query. @throws DomainError INTERNAL_ERROR `Database query failed.` after the client's retries */
export function querying<T>(call: () => Promise<T>): Promise<T> {
  return guarded("Database query failed.", call);
}

/**
 * Runs a write. Failed conditions and cancelled transactions pass through.
 * @throws DomainError INTERNAL_ERROR `Database write failed.` after the client's retries
 */
export function writing<T>(call: () => Promise<T>): Promise<T> {
  return guarded("Database write failed.", call);
}
