import type { AuthContext } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { sha256 } from "@enceladus/shared/hash";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { cookieNames } from "./cookies.ts";
import type { HttpRequest } from "./http-event.ts";
import type { ShapedError } from "./shape-errors.ts";

/** Of what a caller may make up, so much is worth a line. */
const LONGEST_PATH = 512;
const LONGEST_ID = 128;

interface ServedRequest {
  request: HttpRequest;
  route: string;
  status: number;
  latencyMs: number;
  caller: AuthContext | undefined;
}

/** What leads from one log to another: the distribution's own id of the request is in the logs of the edge too. */
function traceOf({ requestId, headers }: HttpRequest) {
  return {
    requestId,
    function: process.env.AWS_LAMBDA_FUNCTION_NAME,
    edge_request_id: headers["x-amz-cf-id"]?.slice(0, LONGEST_ID),
  };
}

/** One structured line for each request; the subject is hashed, so that the log names nobody. */
export function logRequest({ request, route, status, latencyMs, caller }: ServedRequest): void {
  log().info("request", {
    ...traceOf(request),
    method: request.method,
    route,
    status,
    latency_ms: Math.round(latencyMs * 10) / 10,
    ...(caller && { auth_mode: caller.mode, sub_hash: sha256(caller.sub).slice(0, 12) }),
    ...(caller?.mode === "agent-key" && { key_id: caller.keyId }),
  });
}

/** A request may bring hundreds of cookies, none of which anybody has asked for. */
const MOST_COOKIE_NAMES = 30;
const LONGEST_COOKIE_NAME = 64;

function loggedCookieNames({ cookieLines }: HttpRequest): string[] {
  const names = cookieNames(cookieLines).slice(0, MOST_COOKIE_NAMES);
  return names.map((name) => name.slice(0, LONGEST_COOKIE_NAME));
}

/**
 * What went wrong: for a refused credential what a diagnosis needs, names only, and a count by reason (the metric
 * `auth_failure`); for a failure of ours its cause.
 */
export async function logFailure(request: HttpRequest, shaped: ShapedError, error: unknown): Promise<void> {
  const { method, path } = request;
  const place = { ...traceOf(request), method, path: path.slice(0, LONGEST_PATH), code: shaped.code };
  const cause = error instanceof Error ? error.cause : undefined;
  if (shaped.status === 401) {
    const reason = cause instanceof Error ? cause.message : "unknown";
    log().warn("auth_failure", {
      ...place,
      reason,
      cookie_names: loggedCookieNames(request),
      has_event_cookies: request.hasEventCookies,
      has_internal_key: "x-coordination-internal-key" in request.headers,
      has_authorization: "authorization" in request.headers,
    });
    await count("auth_failure", { reason });
  } else if (shaped.status >= 500) {
    const failure = error instanceof DomainError ? (cause ?? error) : error;
    log().error("request_failed", { ...place, error: failure instanceof Error ? failure : new Error(String(failure)) });
  }
}
