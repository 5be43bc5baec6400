import type { IncomingMessage } from "node:http";

const MOST_BYTES = 16 * 1024;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

/**
 * The fields of a form; what is no form has none.
 * @returns undefined where it is too large. The rest is read all the same: a client that still sends reads no answer.
 */
export async function readForm(incoming: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  if (size > MOST_BYTES) return undefined;
  const isForm = FORM_TYPE.test(incoming.headers["content-type"] ?? "");
  return new URLSearchParams(isForm ? Buffer.concat(chunks).toString("utf8") : "");
}
