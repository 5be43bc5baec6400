import { serviceOfArn } from "../arn.ts";
import { EventReader, isProperties } from "../config-reader.ts";
import type { DeclaredFunction, PumpContext } from "../types.ts";

/** What becomes of an asynchronous invocation in the end: ARNs of queues and topics. */
export interface AsyncConfig {
  maximumRetries: 0 | 1 | 2;
  maximumAgeMs: number;
  deadLetter?: string;
  onSuccess?: string;
  onFailure?: string;
}

const SIX_HOURS_IN_SECONDS = 21_600;

/** Reads the settings of a function's asynchronous invocations. */
export function readAsyncConfig(fn: DeclaredFunction, resolve: PumpContext["references"]["resolve"]): AsyncConfig {
  const reader = new EventReader(fn.key, { ...fn }, resolve);
  const destinations = isProperties(fn.destinations) ? fn.destinations : {};
  const arnOf = (value: unknown, what: string): string | undefined => {
    if (value === undefined) return undefined;
    const arn = reader.resolve(isProperties(value) && "arn" in value ? value.arn : value, what);
    if (!["sqs", "sns"].includes(serviceOfArn(arn))) throw reader.error(`${what} must be a queue or a topic locally`);
    return arn;
  };
  const deadLetter = arnOf(fn.onError, "onError");
  const onSuccess = arnOf(destinations.onSuccess, "destinations.onSuccess");
  const onFailure = arnOf(destinations.onFailure, "destinations.onFailure");
  const retries = reader.number("maximumRetryAttempts", 2);
  if (retries !== 0 && retries !== 1 && retries !== 2) throw reader.error("maximumRetryAttempts must be 0, 1 or 2");
  return {
    maximumRetries: retries,
    maximumAgeMs: reader.number("maximumEventAge", SIX_HOURS_IN_SECONDS) * 1000,
    ...(deadLetter !== undefined && { deadLetter }),
    ...(onSuccess !== undefined && { onSuccess }),
    ...(onFailure !== undefined && { onFailure }),
  };
}
