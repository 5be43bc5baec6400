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

/** Lambda passes on 6 MB of answer, and puts it into JSON once more. */
const MOST_PAYLOAD_BYTES = 6_000_000;

/**
 * Whether an answer of this text gets through to the client.
 * @param json the body as it would be sent
 */
export function fitsAnswer(json: string, request: HttpRequest): boolean {
  return acceptsGzip(request) || Buffer.byteLength(JSON.stringify(json)) <= MOST_PAYLOAD_BYTES;
}
