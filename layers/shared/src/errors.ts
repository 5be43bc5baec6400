/**
 * Every code an answer may carry. Callers switch on them, so a code is never renamed; which HTTP status a code becomes
 * is known to middleware/shape-errors.ts alone.
 */
export type ErrorCode =
  | "BLOCKED"
  | "CONFIGURATION_ERROR"
  | "CONFLICT"
  | "DEPENDENCY_CYCLE"
  | "FORBIDDEN"
  | "IDEMPOTENCY_IN_FLIGHT"
  | "IDEMPOTENCY_MISMATCH"
  | "INTERNAL_ERROR"
  | "INVALID_INPUT"
  | "LEASE_LOST"
  | "METHOD_NOT_ALLOWED"
  | "NOTHING_READY"
  | "NOT_FOUND"
  | "NOT_HOLDER"
  | "PAYLOAD_TOO_LARGE"
  | "POLICY_DENIED"
  | "PRECONDITION_FAILED"
  | "PRECONDITION_REQUIRED"
  | "RATE_LIMITED"
  | "STALE_FENCE"
  | "TIMEOUT"
  | "UNAUTHENTICATED"
  | "UNAVAILABLE"
  | "UPSTREAM_ERROR"
  | "VERSION_CONFLICT";

/** What the caller needs to go on: holder, current version, the fields at fault, the next action. Plain JSON values. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export interface DomainErrorOptions {
  /** Overrides the default of the code: may the same request succeed later? */
  retryable?: boolean;
  /** Seconds after which a retry makes sense; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** The failure behind this one, for the log only; it never reaches a client. */
  cause?: unknown;
}

/** The one error that the business throws. Its message and details are meant for the caller; its cause is not. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly retryable: boolean | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.details = details;
    this.retryable = options.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** A request that is wrong by itself, whatever the state of the data. */
export function invalidInput(message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError("INVALID_INPUT", message, details);
}

/** Something that is not there, or that this caller may not know to be there: both look the same. */
export function notFound(message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError("NOT_FOUND", message, details);
}

/** A deployment that lacks a setting. Never a 401: the caller can do nothing about it. */
export function misconfigured(setting: string): DomainError {
  return new DomainError(
    "CONFIGURATION_ERROR",
    "The service is not configured correctly.",
    {},
    {
      retryable: false,
      cause: new Error(`${setting} is not set`),
    },
  );
}
