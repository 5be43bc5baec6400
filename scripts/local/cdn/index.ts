import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { resourcesOfType, type ServiceConfiguration } from "../configuration.ts";
import type { Handler } from "../front.ts";
import type { Invoker } from "../lambda-endpoint.ts";
import type { References } from "../resolve-references.ts";
import { type CdnAnswer, cdnError } from "./answer.ts";
import { type Behavior, behaviorFinder, behaviorsOf } from "./behaviors.ts";
import { readFunctionResult } from "./function-result.ts";
import type { ObjectOrigin } from "./objects.ts";
import { isTooLong } from "./request-limits.ts";
import { type ApplyPolicy, responseHeadersPolicy } from "./response-headers-policy.ts";
import { splitUrl, viewerRequest, viewerRequestEvent } from "./viewer-request.ts";

export interface CdnOptions {
  configuration: ServiceConfiguration;
  references: References;
  invoker: Pick<Invoker, "invoke">;
  objects: Pick<ObjectOrigin, "answer">;
  /** The one origin of the web app; its cookies are good there only. */
  appOrigin: string;
  /** Hears why an answer of a function was not taken. */
  log: (message: string) => void;
}

/** As CloudFront writes its request ids. */
const requestId = () => `${randomBytes(40).toString("base64url")}==`;

/** What the policy that a behaviour names does; without one, headers stay as they are. */
function policiesOf({ configuration, references }: CdnOptions): (behavior: Behavior) => ApplyPolicy {
  const policies = new Map(
    resourcesOfType(configuration, "AWS::CloudFront::ResponseHeadersPolicy").map(
      ([id, { Properties }]) => [id, responseHeadersPolicy(references.resolve(Properties))] as const,
    ),
  );
  const none: ApplyPolicy = (headers) => headers;
  return ({ responseHeadersPolicy: id = "" }) => policies.get(id) ?? none;
}

async function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: CdnAnswer): Promise<void> {
  const { status, statusDescription, headers, body } = answer;
  const hasBody = incoming.method !== "HEAD" && status !== 204 && status !== 304;
  const length = Buffer.isBuffer(body) && status !== 204 && status !== 304 ? ["content-length", body.length] : [];
  const lines = [...headers.flat(), ...length].map(String);
  outgoing.writeHead(status, statusDescription || undefined, lines);
  if (hasBody && !Buffer.isBuffer(body)) return pipeline(body, outgoing);
  if (!Buffer.isBuffer(body)) body.resume();
  outgoing.end(hasBody ? body : undefined);
}

/** The distribution has a front door, a function of its own kind, which does not run here. */
function wayToTheApp(): CdnAnswer {
  const headers = [["location", "/enceladus/"] as const, ["cache-control", "no-store"] as const];
  return { status: 302, headers, body: Buffer.alloc(0), source: "Redirect from cloudfront" };
}

/**
 * The distribution in front of the bucket, for the paths of the functions' `cloudFront` events: each request goes to
 * the viewer-request function first, which answers it or lets it through to the object.
 * @returns what puts the distribution in front of another handler
 */
export function createCdn(options: CdnOptions): (next: Handler) => Handler {
  const { configuration, references, invoker, objects, appOrigin, log } = options;
  const findBehavior = behaviorFinder(behaviorsOf(configuration));
  const policyOf = policiesOf(options);
  const appHost = new URL(appOrigin).host;
  const distribution = {
    distributionDomainName: references.attribute("CloudFrontDistribution", "DomainName"),
    distributionId: references.ref("CloudFrontDistribution"),
  };

  async function atTheEdge(incoming: IncomingMessage, behavior: Behavior, id: string): Promise<CdnAnswer> {
    const request = viewerRequest(incoming);
    const event = JSON.stringify(viewerRequestEvent(request, { ...distribution, requestId: id }));
    const { failed, payload } = await invoker.invoke(behavior.functionName, event);
    if (failed) {
      log(`${behavior.functionName} failed at the edge: ${payload}`);
      return cdnError(503);
    }
    const result = readFunctionResult(payload, request);
    switch (result.kind) {
      case "invalid":
        log(`CloudFront takes no such answer of ${behavior.functionName}: ${result.reason}`);
        return cdnError(502);
      case "response":
        return { ...result, source: "LambdaGeneratedResponse from cloudfront" };
      case "forward":
        return objects.answer(incoming.method ?? "GET", result.uri, incoming.headers);
    }
  }

  /** The API is at this address too, and programs that ask for its root must hear what they hear of it on AWS. */
  function isBrowser({ method, headers }: IncomingMessage): boolean {
    return method === "GET" && (headers.accept ?? "").includes("text/html");
  }

  /**
   * To a browser `localhost` and `127.0.0.1` are two hosts, each with its own cookies, and people come back from the
   * sign-in page to one of them only. On AWS there is one name.
   */
  function elsewhere({ method, url, headers }: IncomingMessage): CdnAnswer | undefined {
    if (method !== "GET" || headers.host === undefined || headers.host === appHost) return undefined;
    const lines = [["location", `${appOrigin}${url}`] as const, ["cache-control", "no-store"] as const];
    return { status: 307, headers: lines, body: Buffer.alloc(0), source: "Redirect from cloudfront" };
  }

  async function answer(incoming: IncomingMessage, behavior: Behavior, id: string): Promise<CdnAnswer> {
    if (isTooLong(incoming)) return cdnError(413);
    if (!behavior.allowedMethods.includes(incoming.method ?? "")) return cdnError(403);
    return elsewhere(incoming) ?? (await atTheEdge(incoming, behavior, id).catch(() => cdnError(503)));
  }

  return (next) => async (incoming, outgoing) => {
    const { uri } = splitUrl(incoming.url ?? "/");
    if (uri === "/" && isBrowser(incoming)) return send(incoming, outgoing, wayToTheApp());
    const behavior = findBehavior(uri);
    if (!behavior) return next(incoming, outgoing);
    // No function here asks for the body.
    incoming.resume();
    const id = requestId();
    const found = await answer(incoming, behavior, id);
    const headers = policyOf(behavior)([...found.headers, ["x-cache", found.source], ["x-amz-cf-id", id]]);
    await send(incoming, outgoing, { ...found, headers });
  };
}
