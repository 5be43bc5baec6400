import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { availableParallelism } from "node:os";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import pLimit, { type LimitFunction } from "p-limit";
import { Pool } from "undici";
import type { FunctionDefinition, ServiceConfiguration } from "./configuration.ts";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "./ports.ts";

/**
 * Invocations of one function at once. serverless-offline starts a worker for each that finds no idle one, at some 40 MB;
 * more than the processors can run only makes them slower.
 */
const MOST_AT_ONCE = Math.min(10, Math.max(4, 2 * availableParallelism()));
/** The largest event that Lambda takes for a synchronous invocation. */
export const MOST_EVENT_BYTES = 6 * 1024 * 1024;
const DEFAULT_TIMEOUT_SECONDS = 6;
/** A function may wait for another one that may not begin; then a pause must not wait for it. */
const LONGEST_PAUSE_MS = 5_000;

export interface Invocation {
  /** Whether the function threw, timed out or crashed; the payload is then `{errorType, errorMessage, ...}`. */
  failed: boolean;
  /** JSON. */
  payload: string;
}

export interface Invoker {
  /**
   * Runs a function and waits for it.
   * @param name the deployed name
   * @param event JSON
   */
  invoke(name: string, event: string | Buffer): Promise<Invocation>;
  has(name: string): boolean;
  /**
   * Lets nothing new begin, and waits until what runs has ended: serverless-offline ends busy workers with the idle ones
   * when the code has changed, and whoever waits for them would wait until the timeout.
   */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** serverless-offline reports a timeout as any other error; Lambda has a type of its own for it. */
function timedOut(payload: string, seconds: number): string | undefined {
  if (!payload.includes("[504] - Lambda timeout.")) return undefined;
  const errorMessage = `${new Date().toISOString()} ${randomUUID()} Task timed out after ${seconds.toFixed(2)} seconds`;
  return JSON.stringify({ errorType: "Sandbox.Timedout", errorMessage });
}

/**
 * Invokes functions on serverless-offline, a few of each at once; the others wait for their turn.
 * @param offlineUrl address of serverless-offline's own Lambda endpoint
 */
export function createInvoker(offlineUrl: string, configuration: ServiceConfiguration): Invoker {
  const pool = new Pool(offlineUrl, { headersTimeout: 0, bodyTimeout: 0 });
  const functions = new Map<string, { definition: FunctionDefinition; limit: LimitFunction }>(
    Object.values(configuration.functions).map((definition) => {
      const atOnce = Math.min(definition.reservedConcurrency ?? MOST_AT_ONCE, MOST_AT_ONCE);
      return [definition.name, { definition, limit: pLimit(Math.max(1, atOnce)) }];
    }),
  );

  const running = new Set<Promise<Invocation>>();
  /** Closed while there is one; several exchanges of code can overlap. */
  let gate: PromiseWithResolvers<void> | undefined;
  let pauses = 0;

  async function run(definition: FunctionDefinition, event: string | Buffer): Promise<Invocation> {
    const { headers, body } = await pool.request({
      method: "POST",
      path: `/2015-03-31/functions/${definition.name}/invocations`,
      headers: { "x-amz-invocation-type": "RequestResponse" },
      body: event,
    });
    const payload = (await body.text()) || "null";
    const failed = headers["x-amz-function-error"] !== undefined;
    const seconds = definition.timeout ?? configuration.provider.timeout ?? DEFAULT_TIMEOUT_SECONDS;
    return { failed, payload: (failed && timedOut(payload, seconds)) || payload };
  }

  async function runWhenOpen(definition: FunctionDefinition, event: string | Buffer): Promise<Invocation> {
    while (gate) await gate.promise;
    const invocation = run(definition, event);
    running.add(invocation);
    return invocation.finally(() => running.delete(invocation));
  }

  return {
    has: (name) => functions.has(name),
    pause: async () => {
      pauses += 1;
      gate ??= Promise.withResolvers();
      await Promise.race([Promise.allSettled(running), wait(LONGEST_PAUSE_MS, undefined, { ref: false })]);
    },
    resume: () => {
      pauses -= 1;
      if (pauses > 0) return;
      gate?.resolve();
      gate = undefined;
    },
    invoke: async (name, event) => {
      const known = functions.get(name);
      if (!known) throw new Error(`there is no function ${name}`);
      return known.limit(() => runWhenOpen(known.definition, event));
    },
    stop: () => pool.destroy(),
  };
}

function fail(response: ServerResponse, status: number, type: string, Message: string): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ Type: "User", Message }));
}

type Invoking = Pick<Invoker, "has" | "invoke">;

async function serve(invoker: Invoking, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const match = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path);
  if (request.method !== "POST" || !match?.[1])
    return fail(response, 404, "UnknownOperationException", "Only Invoke is known here.");
  // A function can be named by its ARN too.
  const name = decodeURIComponent(match[1]).split(":").at(-1) ?? "";
  const event = await buffer(request);
  if (!invoker.has(name)) return fail(response, 404, "ResourceNotFoundException", `Function not found: ${name}`);
  if (event.length > MOST_EVENT_BYTES)
    return fail(response, 413, "RequestTooLargeException", "The event is larger than 6 MB.");
  try {
    if (event.length > 0) JSON.parse(event.toString());
  } catch {
    return fail(response, 400, "InvalidRequestContentException", "Could not parse request body into json.");
  }
  const headers = {
    "content-type": "application/json",
    "x-amzn-requestid": randomUUID(),
    "x-amz-executed-version": "$LATEST",
  };
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "DryRun") return void response.writeHead(204, headers).end();
  const invocation = invoker.invoke(name, event.length > 0 ? event : "{}");
  if (type === "Event") {
    invocation.catch(() => {});
    return void response.writeHead(202, headers).end();
  }
  const { failed, payload } = await invocation;
  response.writeHead(200, { ...headers, ...(failed && { "x-amz-function-error": "Unhandled" }) });
  response.end(payload);
}

/** Lambda's Invoke at a port of its own: what serverless-offline offers, within limits and with AWS's errors. */
export async function startLambdaEndpoint(port: number, invoker: Invoking) {
  const server = createKeepAliveServer((request, response) => {
    serve(invoker, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else fail(response, 502, "ServiceException", String(error));
    });
  });
  return { url: `http://${LOOPBACK}:${await listen(server, port)}`, stop: () => closeServer(server) };
}
