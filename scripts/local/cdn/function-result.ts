import type { CloudFrontRequest } from "aws-lambda";
import * as z from "zod";
import { headerProblem, READ_ONLY } from "./restricted-headers.ts";

/** The largest response that a viewer-request function may make, headers and body together. */
const MOST_RESPONSE_BYTES = 40 * 1024;

const Headers = z.record(z.string(), z.array(z.object({ key: z.string().optional(), value: z.string() })));

const Response = z.object({
  status: z.union([z.string(), z.number()]).transform(Number).pipe(z.number().int().min(200).max(599)),
  statusDescription: z
    .string()
    .regex(/^[\x20-\x7e]*$/)
    .optional(),
  headers: Headers.default({}),
  body: z.string().default(""),
  bodyEncoding: z.enum(["text", "base64"]).default("text"),
});

const Request = z.object({
  uri: z.string().startsWith("/").max(8_192),
  querystring: z.string().optional(),
  method: z.string().optional(),
  clientIp: z.string().optional(),
  headers: Headers.default({}),
});

/** What a viewer-request function has decided; `invalid` is what CloudFront does not take, and why. */
export type FunctionResult =
  | { kind: "forward"; uri: string }
  | {
      kind: "response";
      status: number;
      statusDescription: string | undefined;
      headers: [string, string][];
      body: Buffer;
    }
  | { kind: "invalid"; reason: string };

const invalid = (reason: string): FunctionResult => ({ kind: "invalid", reason });

const linesOf = (headers: z.infer<typeof Headers>): [string, string][] =>
  Object.entries(headers).flatMap(([name, lines]) => lines.map(({ value }): [string, string] => [name, value]));

function readResponse(value: unknown): FunctionResult {
  const read = Response.safeParse(value);
  if (!read.success) return invalid(z.prettifyError(read.error));
  const { status, statusDescription, headers, body: text, bodyEncoding } = read.data;
  const readOnly = READ_ONLY.find((name) => name in headers);
  if (readOnly) return invalid(`functions may not set the header ${readOnly}`);
  const problem = headerProblem(headers);
  if (problem) return invalid(problem);
  const body = Buffer.from(text, bodyEncoding === "base64" ? "base64" : "utf8");
  const lines = linesOf(headers);
  const headerBytes = lines.reduce((sum, [name, line]) => sum + name.length + line.length, 0);
  if (headerBytes + body.length > MOST_RESPONSE_BYTES) return invalid("the response is larger than 40 KB");
  return { kind: "response", status, statusDescription, headers: lines, body };
}

function readRequest(value: unknown, sent: CloudFrontRequest): FunctionResult {
  const read = Request.safeParse(value);
  if (!read.success) return invalid(z.prettifyError(read.error));
  const { uri, method = sent.method, clientIp = sent.clientIp, headers } = read.data;
  if (method !== sent.method || clientIp !== sent.clientIp) return invalid("method and clientIp are read-only");
  const linesOfHeader = (all: typeof headers, name: string) => JSON.stringify(all[name]?.map((line) => line.value));
  const changed = READ_ONLY.find((name) => linesOfHeader(headers, name) !== linesOfHeader(sent.headers, name));
  if (changed) return invalid(`the header ${changed} is read-only`);
  const problem = headerProblem(headers);
  return problem ? invalid(problem) : { kind: "forward", uri };
}

/**
 * Reads what a viewer-request function returned, as strictly as CloudFront does: a request to go on with, or a
 * response in its place.
 * @param payload JSON
 * @param sent the request that the function was given
 */
export function readFunctionResult(payload: string, sent: CloudFrontRequest): FunctionResult {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return invalid("the result is no JSON");
  }
  if (typeof value !== "object" || value === null) return invalid("the result is neither a request nor a response");
  return "status" in value ? readResponse(value) : readRequest(value, sent);
}
