import type { OutgoingHttpHeaders } from "node:http";

export interface HttpAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

interface FunctionAnswer {
  statusCode: number;
  headers?: Readonly<Record<string, string | number | boolean>>;
  cookies?: readonly string[];
  body?: unknown;
  isBase64Encoded?: boolean;
}

const isFunctionAnswer = (value: unknown): value is FunctionAnswer =>
  typeof value === "object" &&
  value !== null &&
  Number.isInteger(Number((value as { statusCode?: unknown }).statusCode));

/** An answer of the gateway itself, as it looks on AWS. */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { "content-type": "application/json" }, body };
}

/**
 * What an HTTP API answers for what a function returned (payload format 2.0): with a status code, that answer; anything
 * else is the JSON body of a 200.
 * @param payload JSON
 */
export function httpAnswer(payload: string): HttpAnswer {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    value = payload;
  }
  if (!isFunctionAnswer(value)) {
    const body = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const text = typeof value.body === "string" ? value.body : value.body === undefined ? "" : JSON.stringify(value.body);
  const headers: OutgoingHttpHeaders = text === "" ? {} : { "content-type": "text/plain; charset=utf-8" };
  for (const [name, header] of Object.entries(value.headers ?? {})) headers[name.toLowerCase()] = String(header);
  // One header each: a comma is part of many cookies.
  if (value.cookies?.length) headers["set-cookie"] = [...value.cookies];
  return {
    status: Number(value.statusCode),
    headers,
    body: Buffer.from(text, value.isBase64Encoded ? "base64" : "utf8"),
  };
}
