import { isUtf8 } from "node:buffer";
import { DomainError, invalidInput } from "@enceladus/shared/errors";
import type { HttpRequest } from "./http-event.ts";

/** Bytes that a body may have where the operation says nothing else. */
export const DEFAULT_BODY_LIMIT = 1_048_576;

function bodyText(request: HttpRequest, limit: number): string {
  const bytes = Buffer.from(request.rawBody, request.isBase64Encoded ? "base64" : "utf8");
  if (bytes.byteLength > limit) {
    throw new DomainError("PAYLOAD_TOO_LARGE", `The body is larger than ${limit} bytes.`, { limit_bytes: limit });
  }
  // Replaced silently, a byte that is no text would be stored as another one.
  if (!isUtf8(bytes)) throw invalidInput("The body is not UTF-8.");
  return bytes.toString("utf8");
}

/**
 * What may turn out to be no value at all: an escape that begins or ends a surrogate pair, the only way to write half a
 * character in UTF-8 JSON, and a number so large that it is read as infinite.
 */
const SUSPICIOUS = /\\u[dD][89a-fA-F]|[eE]\+?\d{3}|\d{200}/;

/** Half a character and an infinite number can be neither stored nor hashed: refused at the door, not deep inside. */
function refuseWhatIsNoValue(key: string, value: unknown): unknown {
  const isWhole = key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
  if (!isWhole) throw new SyntaxError("a lone surrogate");
  if (typeof value === "number" && !Number.isFinite(value)) throw new SyntaxError("an infinite number");
  return value;
}

/**
 * The JSON object of a request; a missing or empty body is `{}`.
 * @param limit bytes
 * @throws DomainError PAYLOAD_TOO_LARGE, INVALID_INPUT
 */
export function readBody(request: HttpRequest, limit: number = DEFAULT_BODY_LIMIT): Record<string, unknown> {
  const text = bodyText(request, limit);
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = SUSPICIOUS.test(text) ? JSON.parse(text, refuseWhatIsNoValue) : JSON.parse(text);
  } catch {
    throw invalidInput("Invalid JSON body.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidInput("JSON body must be an object.");
  }
  return value as Record<string, unknown>;
}
