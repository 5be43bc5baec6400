import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceConfiguration } from "../configuration.ts";
import { LOCAL_CREDENTIALS } from "../function-environment.ts";
import { type Invoker, MOST_EVENT_BYTES } from "../lambda-endpoint.ts";
import { gatewayAnswer, type HttpAnswer, httpAnswer } from "./http-answer.ts";
import { httpEvent } from "./http-event.ts";
import { createRoutes, type Route } from "./routes.ts";

/** The largest body that an HTTP API takes. */
const MOST_BODY_BYTES = 10 * 1024 * 1024;

/** The whole body; undefined when it is larger than the gateway takes. The rest of a large one is read all the same,
 * because a client that is still sending does not read the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MOST_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

/** Signatures are not computed again here; that the caller signs at all, and with the local key, is what code forgets. */
function isSigned({ headers }: IncomingMessage): boolean {
  return headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${LOCAL_CREDENTIALS.accessKeyId}/`) ?? false;
}

async function callFunction(invoker: Invoker, route: Route, event: object): Promise<HttpAnswer> {
  const json = JSON.stringify(event);
  if (Buffer.byteLength(json) > MOST_EVENT_BYTES) return gatewayAnswer(413, "Request Entity Too Large");
  const { failed, payload } = await invoker.invoke(route.functionName, json);
  return failed ? gatewayAnswer(500, "Internal Server Error") : httpAnswer(payload);
}

/**
 * The HTTP API of serverless.yml in front of its functions, as API Gateway does it (payload format 2.0). It stands in
 * for serverless-offline's own HTTP server, whose differences README.md lists.
 */
export function createGateway(configuration: ServiceConfiguration, invoker: Invoker) {
  const findRoute = createRoutes(configuration.functions);

  async function answer(incoming: IncomingMessage): Promise<{ answer: HttpAnswer; requestId?: string }> {
    const method = incoming.method ?? "GET";
    const url = incoming.url ?? "/";
    const queryAt = url.indexOf("?");
    const rawPath = queryAt < 0 ? url : url.slice(0, queryAt);
    const rawQueryString = queryAt < 0 ? "" : url.slice(queryAt + 1);
    const body = await readBody(incoming);
    if (!body) return { answer: gatewayAnswer(413, "Request Entity Too Large") };
    const route = findRoute(method, rawPath);
    if (!route) return { answer: gatewayAnswer(404, "Not Found") };
    if (route.requiresSignature && !isSigned(incoming)) return { answer: gatewayAnswer(403, "Forbidden") };
    const event = httpEvent(incoming, { method, rawPath, rawQueryString, body }, route);
    return { answer: await callFunction(invoker, route, event), requestId: event.requestContext.requestId };
  }

  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const {
      answer: { status, headers, body },
      requestId,
    } = await answer(incoming);
    const hasBody = incoming.method !== "HEAD" && status !== 204 && status !== 304;
    outgoing.writeHead(status, {
      ...headers,
      ...(status !== 204 && status !== 304 && { "content-length": body.length }),
      ...(requestId !== undefined && { "apigw-requestid": requestId }),
    });
    outgoing.end(hasBody ? body : undefined);
  };
}
