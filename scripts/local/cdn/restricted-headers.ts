import type { CloudFrontHeaders } from "aws-lambda";

/** CloudFront shows them to no function, and takes them from none. */
const DISALLOWED = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "trailer",
  "upgrade",
  "x-accel-buffering",
  "x-accel-charset",
  "x-accel-limit-rate",
  "x-accel-redirect",
  "x-amzn-auth",
  "x-amzn-cf-billing",
  "x-amzn-cf-id",
  "x-amzn-cf-xff",
  "x-amzn-errortype",
  "x-amzn-fle-profile",
  "x-amzn-header-count",
  "x-amzn-header-order",
  "x-amzn-lambda-integration-tag",
  "x-amzn-requestid",
  "x-cache",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** A viewer-request function sees them and may not touch them. */
export const READ_ONLY: readonly string[] = ["content-length", "host", "transfer-encoding", "via"];

export function isDisallowed(name: string): boolean {
  return DISALLOWED.has(name) || name.startsWith("x-amz-cf-") || name.startsWith("x-edge-");
}

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** What an HTTP header can hold: no line breaks, and nothing that is no byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Why CloudFront does not take these headers from a function; undefined where it does. */
export function headerProblem(headers: CloudFrontHeaders): string | undefined {
  for (const [name, lines] of Object.entries(headers)) {
    if (!NAME.test(name)) return `"${name}" is no header name in lower case`;
    if (isDisallowed(name)) return `functions may not set the header ${name}`;
    for (const { key, value } of lines) {
      if (key !== undefined && key.toLowerCase() !== name) return `the key "${key}" is not that of the header ${name}`;
      if (!VALUE.test(value)) return `the value of ${name} holds what no header can`;
    }
  }
  return undefined;
}
