import { isChange, type Operation, takesIdempotencyKey } from "@enceladus/middleware/operation";
import { shapeError } from "@enceladus/middleware/shape-errors";
import { DomainError, type ErrorCode, type ErrorDetails } from "@enceladus/shared/errors";

/** An answer that several operations have in common, as a component of the document. */
interface CommonError {
  status: number;
  /** The name of the component. */
  name: string;
  description: string;
  /** What makes the example. */
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
  /** Whether an operation can answer this. */
  applies: (operation: Operation) => boolean;
}

/** Whether the function judges who calls; a signature is judged by the gateway, which answers in its own way. */
const judgesCaller = ({ auth }: Operation) => auth !== "public" && auth !== "iam";
/** People and trusted services may do everything that they are let in for. */
const isLimited = ({ auth }: Operation) => auth.includes("agent-key");

/** What the standard stack answers by itself, whatever the operation does. */
export const COMMON_ERRORS: readonly CommonError[] = [
  {
    status: 400,
    name: "InvalidInput",
    description: "The body, the query or a header does not fit; the message names every field at fault.",
    code: "INVALID_INPUT",
    message: "title: Required",
    applies: (operation) => isChange(operation) || operation.query !== undefined || operation.body !== undefined,
  },
  {
    status: 401,
    name: "Unauthenticated",
    description: "No credential, or one that is not accepted.",
    code: "UNAUTHENTICATED",
    message: "Authentication required. Please sign in.",
    applies: judgesCaller,
  },
  {
    status: 403,
    name: "Forbidden",
    description: "The credential is valid but not for this, or a signed-in request came from a foreign origin.",
    code: "FORBIDDEN",
    message: "A signed-in request from a foreign origin is refused.",
    applies: (operation) => judgesCaller(operation) && (isChange(operation) || isLimited(operation)),
  },
  {
    status: 404,
    name: "NotFound",
    description: "What the call names does not exist, or this caller may not know of it.",
    code: "NOT_FOUND",
    message: "No route matched.",
    // A change that names no thing in its path names the project in its body.
    applies: (operation) => operation.path.includes("{") || (isChange(operation) && operation.project === "in-handler"),
  },
  {
    status: 405,
    name: "MethodNotAllowed",
    description: "The path is known, the method is not; `Allow` lists those that are.",
    code: "METHOD_NOT_ALLOWED",
    message: "Method PUT is not allowed here.",
    applies: () => false,
  },
  {
    status: 409,
    name: "Conflict",
    description:
      "The state of the data stands against it; `code` says what: BLOCKED, CONFLICT, DEPENDENCY_CYCLE, " +
      "IDEMPOTENCY_IN_FLIGHT, LEASE_LOST, NOT_HOLDER, STALE_FENCE or VERSION_CONFLICT. `details` have what the caller " +
      "needs to go on, and `next_action`.",
    code: "CONFLICT",
    message: "It exists already.",
    details: { next_action: "Choose another name." },
    applies: (operation) => takesIdempotencyKey(operation) || (isChange(operation) && operation.path.includes("{")),
  },
  {
    status: 412,
    name: "VersionConflict",
    description: "The thing has another version than If-Match says; `details` have the current one.",
    code: "PRECONDITION_FAILED",
    message: "The record has changed since it was read.",
    details: { current_version: 8, next_action: "Read the record again and decide anew." },
    applies: ({ versioned }) => versioned === true,
  },
  {
    status: 413,
    name: "PayloadTooLarge",
    description: "The body is larger than this operation takes.",
    code: "PAYLOAD_TOO_LARGE",
    message: "The body is larger than 1048576 bytes.",
    applies: ({ body }) => body !== undefined,
  },
  {
    status: 422,
    name: "IdempotencyMismatch",
    description: "The Idempotency-Key was used before with another request.",
    code: "IDEMPOTENCY_MISMATCH",
    message: "This Idempotency-Key was used for another request.",
    details: { next_action: "Send the request with a new key." },
    applies: takesIdempotencyKey,
  },
  {
    status: 428,
    name: "PreconditionRequired",
    description: "This stage has strict concurrency: a write must say in If-Match which version it was made for.",
    code: "PRECONDITION_REQUIRED",
    message: "A write must say which version it was made for: If-Match is missing.",
    details: {
      next_action: "Read what you want to change, then send the write again with the ETag of that answer as If-Match.",
    },
    applies: ({ versioned }) => versioned === true,
  },
  {
    status: 500,
    name: "InternalError",
    description: "Something unexpected; the request id leads to its trace.",
    code: "INTERNAL_ERROR",
    message: "Internal service error",
    applies: () => true,
  },
  {
    status: 503,
    name: "Unavailable",
    description: "Something this call depends on does not answer right now; `Retry-After` says when to try again.",
    code: "UNAVAILABLE",
    message: "Sign-in cannot be checked right now.",
    applies: judgesCaller,
  },
];

/** The schema of the one error body. */
export const ERROR_SCHEMA = {
  type: "object",
  description: "The one error body. Every detail stands at the top level too.",
  properties: {
    success: { const: false },
    error: { type: "string", description: "The message of the envelope." },
    error_envelope: {
      type: "object",
      properties: {
        code: { type: "string", description: "Stable, upper case; switch on this." },
        message: { type: "string" },
        retryable: { type: "boolean", description: "Whether the same request may succeed later." },
        details: { type: "object", additionalProperties: true },
      },
      required: ["code", "message", "retryable", "details"],
    },
  },
  required: ["success", "error", "error_envelope"],
  additionalProperties: true,
} as const;

/** The common answers as components, with an example each that the real code shaped. */
export function errorComponents(): Record<string, unknown> {
  return Object.fromEntries(
    COMMON_ERRORS.map(({ name, description, code, message, details }) => {
      const example = shapeError(new DomainError(code, message, details)).body;
      const schema = { $ref: "#/components/schemas/Error" };
      return [name, { description, content: { "application/json": { schema, example } } }];
    }),
  );
}
