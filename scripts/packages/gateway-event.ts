/** The parts of a request that make a difference; the rest is filled in as API Gateway would. */
export interface EventParts {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  multiValueHeaders?: Readonly<Record<string, string[]>>;
  cookies?: unknown;
  query?: Readonly<Record<string, string>>;
  /** JSON is written for anything that is no text. */
  body?: unknown;
}

/** The event that an HTTP API (payload 2.0) sends a function for a request. */
export function gatewayEvent({ method, path, headers = {}, multiValueHeaders, cookies, query, body }: EventParts) {
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(multiValueHeaders && { multiValueHeaders }),
    ...(cookies !== undefined && { cookies }),
    ...(query && { queryStringParameters: query }),
    ...(text !== undefined && { body: text }),
    isBase64Encoded: false,
    requestContext: {
      stage: "$default",
      requestId: "11111111-2222-3333-4444-555555555555",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
    },
  };
}

/** A path that a route template leads to: each parameter becomes a word. */
export function pathOf(template: string): string {
  return template.replace(/\{(\w+)\+?\}/g, "any-$1");
}

/** Method and path of an `httpApi` event as declared, `*` for all; undefined for events of another kind. */
export function httpRoute(event: Readonly<Record<string, unknown>>): { method: string; path: string } | undefined {
  const declared = event.httpApi;
  if (declared === "*") return { method: "*", path: "*" };
  if (typeof declared === "string") {
    const [method = "*", path = "*"] = declared.split(" ");
    return { method: method.toUpperCase(), path };
  }
  if (typeof declared !== "object" || declared === null) return undefined;
  const { method = "*", path = "*" } = declared as { method?: string; path?: string };
  return { method: method.toUpperCase(), path };
}
