import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ACCOUNT_ID } from "../configuration.ts";
import type { MatchedRoute } from "./routes.ts";

/** Content types whose bodies API Gateway hands on as text; all others come as Base64. */
const TEXT_TYPES = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml))\b)/i;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Of one connection each, so they do not reach the function. */
const NOT_HANDED_ON = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "cookie"]);

export interface HttpRequest {
  method: string;
  /** As the client wrote it, percent-encoding and all. */
  rawPath: string;
  rawQueryString: string;
  body: Buffer;
}

/** Headers in lower case, those that come several times joined by commas; cookies stand apart. */
function readHeaders(rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = rawHeaders[i + 1] ?? "";
    if (name === "cookie")
      cookies.push(
        ...value
          .split(";")
          .map((cookie) => cookie.trim())
          .filter(Boolean),
      );
    if (NOT_HANDED_ON.has(name)) continue;
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

/** Decoded parameters, those that come several times joined by commas. */
function readQuery(rawQueryString: string): Record<string, string> | undefined {
  if (rawQueryString === "") return undefined;
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  }
  return query;
}

function readBody(body: Buffer, contentType: string | undefined): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = contentType === undefined ? isUtf8(body) : TEXT_TYPES.test(contentType);
  return isText
    ? { body: body.toString("utf8"), isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
}

/** The time as web servers log it: `22/Nov/2026:21:02:11 +0000`. */
function logTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** The event that an HTTP API sends to a function for this request (payload format 2.0). */
export function httpEvent(
  incoming: IncomingMessage,
  request: HttpRequest,
  route: MatchedRoute,
): APIGatewayProxyEventV2 {
  const { headers, cookies } = readHeaders(incoming.rawHeaders);
  const sourceIp = incoming.socket.remoteAddress ?? "127.0.0.1";
  const host = headers.host ?? "localhost";
  const now = new Date();
  const query = readQuery(request.rawQueryString);
  return {
    version: "2.0",
    routeKey: route.routeKey,
    rawPath: request.rawPath,
    rawQueryString: request.rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      "x-forwarded-for": headers["x-forwarded-for"] ? `${headers["x-forwarded-for"]}, ${sourceIp}` : sourceIp,
      "x-forwarded-port": host.split(":")[1] ?? "80",
      "x-forwarded-proto": "http",
    },
    ...(query && { queryStringParameters: query }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: "local",
      domainName: host.split(":")[0] ?? host,
      domainPrefix: host.split(/[.:]/)[0] ?? host,
      http: {
        method: request.method,
        path: request.rawPath,
        protocol: `HTTP/${incoming.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: `${randomBytes(11).toString("base64url")}=`,
      routeKey: route.routeKey,
      stage: "$default",
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(route.pathParameters && { pathParameters: route.pathParameters }),
    ...readBody(request.body, headers["content-type"]),
  };
}
