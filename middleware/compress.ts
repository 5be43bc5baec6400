import type { HttpRequest } from "./http-event.ts";
import type { GatewayResponse } from "./reply.ts";

/** Shorter answers get through as they are; compressing them would cost more of a small function than it saves. */
const LEAST_BYTES = 1_048_576;
/** The quickest level: answers are mostly text, which shrinks to a fraction at any level. */
const LEVEL = 1;

/** A coding that the header allows; `q=0` refuses it (RFC 9110, 12.5.3). */
const GZIP = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0{0,3})?\s*(?:,|$))[\d.]{1,5}\s*)?(?=,|$)/i;
/** A header that is longer is none that a client sends. */
const LONGEST_HEADER = 1_000;

/** Whether the client can read an answer that is compressed with gzip. */
export function acceptsGzip({ headers }: HttpRequest): boolean {
  const accepted = headers["accept-encoding"];
  return accepted !== undefined && accepted.length <= LONGEST_HEADER && GZIP.test(accepted);
}

/** A long answer, compressed where the client can read that. Lambda passes on 6 MB, of which base64 takes a third. */
export function compressed(response: GatewayResponse, request: HttpRequest): GatewayResponse {
  if (Buffer.byteLength(response.body) < LEAST_BYTES) return response;
  const vary = [response.headers.Vary, "Accept-Encoding"].filter(Boolean).join(", ");
  const headers = { ...response.headers, Vary: vary };
  if (!acceptsGzip(request)) return { ...response, headers };
  // Asked for here: most answers are short.
  const { gzipSync } = process.getBuiltinModule("node:zlib");
  const body = gzipSync(response.body, { level: LEVEL }).toString("base64");
  return { ...response, headers: { ...headers, "Content-Encoding": "gzip" }, body, isBase64Encoded: true };
}

/** Lambda passes on 6 MB of answer. */
const MOST_PAYLOAD_BYTES = 6_000_000;
/** What comes beside a long text: the other fields, the headers. */
const ALL_ELSE_BYTES = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Control characters with an escape of two characters: backspace, tab, line feed, form feed, carriage return. */
const SHORT_ESCAPES = new Set([8, 9, 10, 12, 13]);

/**
 * Bytes that a text takes in what a function answers to Lambda: it is escaped in the JSON of the body, and the body is
 * escaped once more in the JSON of the answer. One pass, and nothing is written: the text may be long.
 */
function payloadBytes(text: string): number {
  let more = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE || unit === BACKSLASH) more += 3;
    else if (unit < 32) more += SHORT_ESCAPES.has(unit) ? 2 : 6;
  }
  return Buffer.byteLength(text) + more;
}

/** Whether an answer that has a text so many times gets through to the client. */
export function fitsAnswer(text: string, times: number, request: HttpRequest): boolean {
  return acceptsGzip(request) || times * payloadBytes(text) + ALL_ELSE_BYTES <= MOST_PAYLOAD_BYTES;
}
