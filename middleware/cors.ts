import { DomainError } from "@enceladus/shared/errors";
import type { HttpRequest } from "./http-event.ts";

/** The one list of each kind: functions, generated documents and the local gateway all take it from here. */
export const CORS = {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  allowHeaders: [
    "Accept",
    "Authorization",
    "Content-Type",
    "Cookie",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Protocol-Version",
    "Mcp-Session-Id",
    "X-Coordination-Callback-Token",
    "X-Coordination-Internal-Key",
    "X-Lease-Fence",
    "X-Requested-With",
  ],
  exposeHeaders: ["ETag", "Idempotency-Replayed", "Retry-After", "X-Request-Id"],
  maxAgeSeconds: 600,
} as const;

const DEFAULT_ORIGIN = "https://app.example.com";

/** The web origins that may use the API with credentials, from `CORS_ORIGIN` (comma list); the first is the default. */
export function allowedOrigins(): string[] {
  const origins = (process.env.CORS_ORIGIN ?? "")
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  return origins.length > 0 ? origins : [DEFAULT_ORIGIN];
}

/** The headers that are the same in every answer, put together once. */
const SAME_FOR_ALL = {
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Allow-Methods": CORS.methods.join(", "),
  "Access-Control-Allow-Headers": CORS.allowHeaders.join(", "),
  "Access-Control-Expose-Headers": CORS.exposeHeaders.join(", "),
  Vary: "Origin",
} as const;

/** The CORS headers of an answer: a listed origin is echoed, everybody else gets the first listed one, never `*`. */
export function corsHeaders(origin: string | undefined): Record<string, string> {
  const origins = allowedOrigins();
  return {
    "Access-Control-Allow-Origin": origin && origins.includes(origin) ? origin : (origins[0] ?? DEFAULT_ORIGIN),
    ...SAME_FOR_ALL,
  };
}

/**
 * Whether a changing request comes from a page of somebody else. The session cookies are SameSite=None, so a browser
 * sends them along from anywhere; the Origin header tells where from. Scripts send neither header and are no browsers.
 */
export function isForeignOrigin(request: HttpRequest): boolean {
  if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return false;
  const origin = request.headers.origin;
  if (origin !== undefined) return !allowedOrigins().includes(origin);
  return request.headers["sec-fetch-site"] === "cross-site";
}

/**
 * Refuses a changing request that carries a cookie and comes from a page of somebody else.
 * @throws DomainError FORBIDDEN
 */
export function refuseForeignOrigin(request: HttpRequest): void {
  if (!isForeignOrigin(request)) return;
  const cause = new Error("foreign_origin");
  throw new DomainError("FORBIDDEN", "A signed-in request from a foreign origin is refused.", {}, { cause });
}
