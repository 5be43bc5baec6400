import { DomainError } from "@enceladus/shared/errors";
import type { WantedDocument } from "./wanted-document.ts";

/** Why a document cannot be had. */
export type UnavailableReason = "MISSING_KEY" | "NOT_FOUND" | "UNKNOWN_SOURCE_TYPE" | "NOT_TEXT" | "READ_FAILED";

export interface Unavailable {
  kind: "unavailable";
  reason: UnavailableReason;
  /** Whether it may be had a moment later. */
  isTransient: boolean;
  /** What went wrong, for the log only. */
  cause?: unknown;
}

/** What came of looking for something. */
export type Outcome<Value> = { kind: "found"; value: Value } | Unavailable;

/** A wanted document with what came of looking for it. */
export interface Looked<Value> {
  wanted: WantedDocument;
  outcome: Outcome<Value>;
}

export function found<Value>(value: Value): Outcome<Value> {
  return { kind: "found", value };
}

/**
 * It is not there, or not what it should be; asking again does not help.
 * @param remark what an operator should know of it, for the log only
 */
export function unavailable(reason: UnavailableReason, remark?: string): Unavailable {
  return { kind: "unavailable", reason, isTransient: false, ...(remark !== undefined && { cause: new Error(remark) }) };
}

interface AwsFailure {
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
}

/** Whether a failure may be over a moment later: not where AWS has understood the request and refused it. */
function isTransient(cause: unknown): boolean {
  if (cause instanceof DomainError) return cause.retryable ?? false;
  const { $metadata, $retryable } = (cause ?? {}) as AwsFailure;
  const status = $metadata?.httpStatusCode;
  return $retryable !== undefined || status === undefined || status === 429 || status >= 500;
}

/** It could not be read. */
export function readFailed(cause: unknown): Unavailable {
  return { kind: "unavailable", reason: "READ_FAILED", isTransient: isTransient(cause), cause };
}
