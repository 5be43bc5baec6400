import { invalidInput } from "@enceladus/shared/errors";
import type { HttpRequest } from "./http-event.ts";

/** What a key may look like: 1 to 128 printable ASCII characters. */
const KEY = /^[\x20-\x7e]{1,128}$/;

/**
 * The key under which a caller wants a call to happen once: the header `Idempotency-Key`, or the body field
 * `idempotency_key` of older clients.
 * @throws DomainError INVALID_INPUT for a key that is none, and for two that differ
 */
export function idempotencyKey(request: HttpRequest, body: Readonly<Record<string, unknown>>): string | undefined {
  const { "idempotency-key": inHeader } = request.headers;
  const inBody = body.idempotency_key ?? undefined;
  const key = inHeader ?? inBody;
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !KEY.test(key)) {
    throw invalidInput("Idempotency-Key must have 1 to 128 printable ASCII characters.");
  }
  if (inBody !== undefined && inBody !== key) {
    throw invalidInput("Idempotency-Key and the body field idempotency_key differ.");
  }
  return key;
}
