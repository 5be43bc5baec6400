import { DomainError, type ErrorCode, type ErrorDetails } from "@enceladus/shared/errors";
import { RefusalWithCookies } from "./refusal-with-cookies.ts";

/** How a code of the business reads over HTTP. The public code differs only where the contract wants one for two. */
interface Shape {
  status: number;
  code?: string;
  retryable?: boolean;
}

/** The one place where codes become statuses. */
const SHAPES: Readonly<Record<ErrorCode, Shape>> = {
  BLOCKED: { status: 409 },
  CONFIGURATION_ERROR: { status: 500, retryable: false },
  CONFLICT: { status: 409 },
  DEPENDENCY_CYCLE: { status: 409 },
  FORBIDDEN: { status: 403, code: "PERMISSION_DENIED" },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, retryable: true },
  IDEMPOTENCY_MISMATCH: { status: 422 },
  INTERNAL_ERROR: { status: 500, retryable: true },
  INVALID_INPUT: { status: 400 },
  LEASE_LOST: { status: 409 },
  METHOD_NOT_ALLOWED: { status: 405 },
  NOTHING_READY: { status: 404, retryable: true },
  NOT_FOUND: { status: 404 },
  NOT_HOLDER: { status: 409 },
  PAYLOAD_TOO_LARGE: { status: 413 },
  POLICY_DENIED: { status: 403 },
  PRECONDITION_FAILED: { status: 412, code: "VERSION_CONFLICT" },
  PRECONDITION_REQUIRED: { status: 428 },
  RATE_LIMITED: { status: 429, retryable: true },
  STALE_FENCE: { status: 409 },
  TIMEOUT: { status: 504, retryable: true },
  UNAUTHENTICATED: { status: 401, code: "PERMISSION_DENIED" },
  UNAVAILABLE: { status: 503, code: "UPSTREAM_ERROR", retryable: true },
  UPSTREAM_ERROR: { status: 502, retryable: true },
  VERSION_CONFLICT: { status: 409 },
};

/** An error answer before it is written: status, body in the one envelope, headers, and cookies where it has any. */
export interface ShapedError {
  status: number;
  code: string;
  body: Record<string, unknown>;
  headers: Record<string, string>;
  cookies?: readonly string[];
}

const RESERVED = new Set(["success", "error", "error_envelope"]);

/**
 * The one error body of all functions: `error` is the message, `error_envelope` has code, message, retryable and
 * details, and each detail stands at the top level too, where older clients look for it.
 */
export function errorBody(code: string, message: string, retryable: boolean, details: ErrorDetails) {
  const repeated = Object.entries(details).filter(([key]) => !RESERVED.has(key));
  return {
    ...Object.fromEntries(repeated),
    success: false,
    error: message,
    error_envelope: { code, message, retryable, details },
  };
}

/**
 * Turns whatever was thrown into an answer. A DomainError speaks for itself; of anything else the client learns
 * nothing but that it was unexpected.
 */
export function shapeError(error: unknown): ShapedError {
  const known =
    error instanceof DomainError
      ? error
      : new DomainError("INTERNAL_ERROR", "Internal service error", {}, { cause: error });
  const shape = SHAPES[known.code];
  const code = shape.code ?? known.code;
  const retryable = known.retryable ?? shape.retryable ?? false;
  const headers: Record<string, string> = { "Cache-Control": "no-store" };
  if (known.retryAfterSeconds !== undefined) headers["Retry-After"] = String(known.retryAfterSeconds);
  const { allow } = known.details;
  if (known.code === "METHOD_NOT_ALLOWED" && Array.isArray(allow)) headers.Allow = allow.join(", ");
  const body = errorBody(code, known.message, retryable, known.details);
  return {
    status: shape.status,
    code,
    body,
    headers,
    ...(known instanceof RefusalWithCookies && { cookies: known.cookies }),
  };
}
