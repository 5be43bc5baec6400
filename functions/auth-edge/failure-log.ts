import { cookieNames } from "@enceladus/middleware/cookies";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import type { CloudFrontRequest } from "aws-lambda";
import { plainPath } from "./paths.ts";
import { headerValues } from "./viewer-request.ts";

const MOST_COOKIE_NAMES = 30;

/**
 * One line and a count for each request that was not let in: what a diagnosis needs, of cookies the names only, of the address the
 * path only, since the query of a callback holds the code.
 */
export async function logFailure(
  request: CloudFrontRequest,
  requestId: string,
  event: "auth_failure" | "edge_failure",
  error: unknown,
): Promise<void> {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const reason = cause instanceof Error ? cause.message : "unknown";
  log().warn(event, {
    requestId,
    function: process.env.AWS_LAMBDA_FUNCTION_NAME,
    method: request.method,
    path: plainPath(request.uri),
    reason,
    cookie_names: cookieNames(headerValues(request, "cookie")).slice(0, MOST_COOKIE_NAMES),
    has_event_cookies: false,
  });
  await count(event, { reason: event === "auth_failure" ? reason : "failure" });
}
