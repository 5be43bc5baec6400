import { errorBody } from "@enceladus/middleware/shape-errors";
import type { CloudFrontHeaders, CloudFrontResultResponse } from "aws-lambda";

const STATUS_DESCRIPTIONS: Readonly<Record<number, string>> = {
  204: "No Content",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** One header line each; nothing that the edge answers may be kept by any cache. */
function response(status: number, headers: Readonly<Record<string, readonly string[]>>): CloudFrontResultResponse {
  const all: Record<string, readonly string[]> = { "cache-control": ["no-store"], ...headers };
  const lines: CloudFrontHeaders = Object.fromEntries(
    Object.entries(all)
      .filter(([, values]) => values.length > 0)
      .map(([key, values]) => [key, values.map((value) => ({ key, value }))]),
  );
  return { status: String(status), statusDescription: STATUS_DESCRIPTIONS[status] ?? "", headers: lines };
}

/** Sends a person on. */
export function redirect(location: string, cookies: readonly string[]): CloudFrontResultResponse {
  return response(302, { location: [location], "set-cookie": cookies });
}

/** An answer in words for a person whose sign-in did not work: constant words, never those of an exception. */
export function plainText(status: number, body: string, more: Readonly<Record<string, readonly string[]>> = {}) {
  const headers = {
    "content-type": ["text/plain; charset=utf-8"],
    "x-content-type-options": ["nosniff"],
    ...more,
  };
  return { ...response(status, headers), body };
}

/** Nothing to say and nothing done. */
export function noContent(): CloudFrontResultResponse {
  return response(204, {});
}

/** What a script gets that is not signed in. */
export function unauthenticated(): CloudFrontResultResponse {
  const headers = { "content-type": ["application/json"], "x-content-type-options": ["nosniff"] };
  const body = errorBody("PERMISSION_DENIED", "unauthenticated", false, {});
  return { ...response(401, headers), body: JSON.stringify(body) };
}

/** Whether somebody is signed in cannot be told right now: a redirect to the sign-in would lead round in a circle. */
export function unavailable(): CloudFrontResultResponse {
  return plainText(503, "Sign-in is not available right now. Please try again.", { "retry-after": ["2"] });
}
