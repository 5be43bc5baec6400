import type { CloudFrontRequest, CloudFrontResultResponse } from "aws-lambda";
import type { EdgeConfiguration } from "../../functions/auth-edge/configuration.ts";
import { createHandler } from "../../functions/auth-edge/create-handler.ts";
import { type ViewerParts, viewerEvent } from "../../scripts/packages/viewer-event.ts";
import { type LoopbackServer, serveLoopback } from "./loopback-server.ts";
import type { TokenIssuer } from "./token-issuer.ts";

export const APP_ORIGIN = "https://app.example.com";

/** What the token endpoint answers next. */
export interface TokenAnswer {
  status?: number;
  body?: unknown;
}

/** A token endpoint that answers what a test wants and remembers what it was asked. */
export class TokenEndpoint {
  readonly url: string;
  readonly forms: Record<string, string>[] = [];
  readonly paths: string[] = [];
  next: TokenAnswer = {};
  readonly stop: () => void;

  private constructor({ url, stop }: LoopbackServer) {
    this.url = url;
    this.stop = stop;
  }

  static async start(): Promise<TokenEndpoint> {
    const endpoint: TokenEndpoint = new TokenEndpoint(
      await serveLoopback(({ url = "" }, form) => {
        endpoint.paths.push(url);
        endpoint.forms.push(Object.fromEntries(new URLSearchParams(form)));
        const { status = 200, body = {} } = endpoint.next;
        const text = typeof body === "string" ? body : JSON.stringify(body);
        return { status, headers: { "content-type": "application/json" }, body: text };
      }),
    );
    return endpoint;
  }
}

/** An answer of the edge in a shape that is easy to look at. */
export interface EdgeAnswer {
  /** Where the request goes on to; undefined where the edge has answered by itself. */
  forwarded: string | undefined;
  status: number;
  location: string;
  cookies: string[];
  header(name: string): string | undefined;
  body: string;
}

function answerOf(result: CloudFrontRequest | CloudFrontResultResponse): EdgeAnswer {
  const values = (name: string) => (result.headers?.[name] ?? []).map(({ value }) => value);
  const isResponse = "status" in result;
  return {
    forwarded: isResponse ? undefined : result.uri,
    status: isResponse ? Number(result.status) : 0,
    location: values("location")[0] ?? "",
    cookies: values("set-cookie"),
    header: (name) => values(name)[0],
    body: isResponse ? (result.body ?? "") : "",
  };
}

/** An edge that is configured for a pool, and whose clock and network a test may replace. */
export function edgeOf(
  issuer: TokenIssuer,
  cognitoDomain: string,
  { fetch = globalThis.fetch, now = Date.now }: { fetch?: typeof globalThis.fetch; now?: () => number } = {},
) {
  const configuration: EdgeConfiguration = {
    userPoolId: issuer.poolId,
    clientId: issuer.clientId,
    cognitoDomain,
    appOrigin: APP_ORIGIN,
    issuer: issuer.issuer,
    jwksUrl: `${issuer.issuer}/.well-known/jwks.json`,
  };
  return callerOf(createHandler(configuration, { fetch, now }));
}

/** Asks an edge as a browser does. */
export function callerOf(handler: ReturnType<typeof createHandler>) {
  return async (uri: string, parts: Omit<ViewerParts, "uri"> = {}): Promise<EdgeAnswer> => {
    const result = await handler(viewerEvent({ uri, ...parts }));
    if (!result) throw new Error("the edge has answered nothing");
    return answerOf(result);
  };
}

/** The Cookie header of a signed-in person. */
export function signedIn(issuer: TokenIssuer): { cookie: string } {
  return { cookie: `enceladus_id_token=${issuer.token()}` };
}
