import { gunzipSync, gzipSync } from "node:zlib";
import { DomainError } from "@enceladus/shared/errors";
import type { StoredAnswer } from "./idempotency-store.ts";
import { type Reply, toJson } from "./reply.ts";

/** Shorter texts are not worth the work. */
const COMPRESSED_FROM = 16 * 1024;
/** A row has at most 400 KB; the rest is for what else is in it. */
const MAX_BYTES = 350_000;

/** An answer as it can be kept. */
export function packed({ status, headers = {}, body }: Reply): StoredAnswer {
  if (body === undefined) return { status, headers };
  const text = toJson(body);
  if (text.length < COMPRESSED_FROM) return { status, headers, text };
  const gzip = gzipSync(text);
  return gzip.byteLength <= MAX_BYTES ? { status, headers, gzip } : { status, headers, omitted: true };
}

/**
 * The answer as it was given the first time, to the byte.
 * @throws DomainError CONFLICT for one that was too long to be kept: the effect is there, the answer is not
 */
export function unpacked({ status, headers, text, gzip, omitted }: StoredAnswer): Reply {
  if (omitted) {
    throw new DomainError("CONFLICT", "This request was carried out before; its answer was too long to be kept.", {
      first_status: status,
      next_action: "Read what the first request has made; do not send it again.",
    });
  }
  const kept = gzip ? gunzipSync(gzip).toString("utf8") : text;
  return {
    status,
    body: kept === undefined ? undefined : JSON.parse(kept),
    headers: { ...headers, "Idempotency-Replayed": "true" },
  };
}
