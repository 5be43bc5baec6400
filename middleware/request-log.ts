import type { AuthContext } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { sha256 } from "@enceladus/shared/hash";
import { log } from "@enceladus/shared/log";
import { cookieNames } from "./cookies.ts";
import type { HttpRequest } from "./http-event.ts";
import type { ShapedError } from "./shape-errors.ts";

interface ServedRequest {
  request: HttpRequest;
  route: string;
  status: number;
  latencyMs: number;
  caller: AuthContext | undefined;
}

/** One structured line for each request; the subject is hashed, so that the log names nobody. */
export function logRequest({ request, route, status, latencyMs, caller }: ServedRequest): void {
  log().info("request", {
    requestId: request.requestId,
    method: request.method,
    route,
    status,
    latency_ms: Math.round(latencyMs * 10) / 10,
    ...(caller && { auth_mode: caller.mode, sub_hash: sha256(caller.sub).slice(0, 12) }),
  });
}

/** What went wrong: for a refused credential what a diagnosis needs, names only; for a failure of ours its cause. */
export function logFailure(request: HttpRequest, shaped: ShapedError, error: unknown): void {
  const place = { requestId: request.requestId, method: request.method, path: request.path, code: shaped.code };
  const cause = error instanceof Error ? error.cause : undefined;
  if (shaped.status === 401) {
    log().warn("auth_failure", {
      ...place,
      reason: cause instanceof Error ? cause.message : "unknown",
      cookie_names: cookieNames(request.cookieLines),
      has_event_cookies: request.hasEventCookies,
      has_internal_key: "x-coordination-internal-key" in request.headers,
    });
  } else if (shaped.status >= 500) {
    const failure = error instanceof DomainError ? (cause ?? error) : error;
    log().error("request_failed", { ...place, error: failure instanceof Error ? failure : new Error(String(failure)) });
  }
}
