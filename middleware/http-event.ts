/** The parts of an API Gateway event, payload 1.0 or 2.0, that an HTTP function may meet. */
export interface ApiGatewayEvent {
  rawPath?: string;
  path?: string;
  httpMethod?: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  cookies?: unknown;
  queryStringParameters?: Record<string, string | undefined> | null;
  pathParameters?: Record<string, string | undefined> | null;
  body?: string | null;
  isBase64Encoded?: boolean;
  version?: string;
  requestContext?: {
    http?: { method?: string; path?: string };
    stage?: string;
    requestId?: string;
  };
}

/** A request in one shape, whatever the payload version it came in. */
export interface HttpRequest {
  method: string;
  /** Without stage and trailing slash; still percent-encoded. */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Every Cookie header line, then the entries of the event's own cookie field. */
  cookieLines: readonly string[];
  /** Whether the event had a cookie field (payload 2.0), for the diagnosis of failed sign-ins. */
  hasEventCookies: boolean;
  query: Readonly<Record<string, string>>;
  rawBody: string;
  isBase64Encoded: boolean;
  requestId: string;
  payloadVersion: "1.0" | "2.0";
}

function definedEntries(record: Record<string, string | undefined> | null | undefined): [string, string][] {
  return Object.entries(record ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}

function lowerCaseNames(event: ApiGatewayEvent): Record<string, string> {
  return Object.fromEntries(definedEntries(event.headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function cookieLines(event: ApiGatewayEvent, headers: Record<string, string>): string[] {
  const repeated = Object.entries(event.multiValueHeaders ?? {})
    .filter(([name]) => name.toLowerCase() === "cookie")
    .flatMap(([, values]) => values ?? []);
  const fromHeaders = [headers.cookie, ...repeated];
  const fromEvent = Array.isArray(event.cookies) ? event.cookies : [event.cookies];
  return [...fromHeaders, ...fromEvent].filter((line): line is string => typeof line === "string");
}

function plainPath(event: ApiGatewayEvent): string {
  const full = event.rawPath || event.requestContext?.http?.path || event.path || "/";
  const stage = event.requestContext?.stage;
  const prefix = `/${stage}`;
  const staged = stage && stage !== "$default" && (full === prefix || full.startsWith(`${prefix}/`));
  const path = staged ? full.slice(prefix.length) : full;
  return path.replace(/\/$/, "") || "/";
}

/**
 * Brings an event into one shape: method in upper case, header names in lower case, path without stage and trailing
 * slash, both sources of cookies.
 */
export function normalizeEvent(event: ApiGatewayEvent): HttpRequest {
  const headers = lowerCaseNames(event);
  return {
    method: (event.requestContext?.http?.method || event.httpMethod || "").toUpperCase(),
    path: plainPath(event),
    headers,
    cookieLines: cookieLines(event, headers),
    hasEventCookies: event.cookies !== undefined && event.cookies !== null,
    query: Object.fromEntries(definedEntries(event.queryStringParameters)),
    rawBody: event.body ?? "",
    isBase64Encoded: event.isBase64Encoded === true,
    requestId: event.requestContext?.requestId ?? "",
    payloadVersion: event.httpMethod && !event.requestContext?.http ? "1.0" : "2.0",
  };
}
