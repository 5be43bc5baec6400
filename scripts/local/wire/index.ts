import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { AWS_SERVICES, type ServiceName } from "../aws-services.ts";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "../ports.ts";
import { errorAnswer } from "./aws-errors.ts";
import { CallLog, type RecordedCall } from "./calls.ts";
import { startElsewhere } from "./elsewhere.ts";
import { type Fault, FaultList, type IncomingCall } from "./faults.ts";
import { callingFunction, type Identified, identify, identifyS3 } from "./identify.ts";
import { UsedPermissions } from "./used-permissions.ts";

export interface Wire {
  /** Where each service is reached through the wire. */
  origins: Readonly<Record<ServiceName, string>>;
  /** Where calls to all other services end. */
  elsewhere: string;
  faults: FaultList;
  calls: CallLog;
  used: UsedPermissions;
  stop(): Promise<void>;
}

/** They belong to one connection, not to the message. `expect` has been answered by our own server already. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"]);

function forwardedHeaders(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers.push(name, rawHeaders[i + 1] ?? "");
  }
  return headers;
}

function answerHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

/** What a call and the client's repeats of it have in common: the SDK names it in a header. */
function invocationOf(incoming: IncomingMessage): string {
  const id = incoming.headers["amz-sdk-invocation-id"];
  return typeof id === "string" ? id : randomUUID();
}

type Body = Buffer | IncomingMessage;

/** Makes the call and passes the answer on while it comes. */
async function forward(
  upstream: Pool,
  incoming: IncomingMessage,
  body: Body,
  outgoing: ServerResponse,
): Promise<number> {
  let status = 0;
  await upstream.stream(
    {
      method: incoming.method as "GET",
      path: incoming.url ?? "/",
      headers: forwardedHeaders(incoming.rawHeaders),
      body: Buffer.isBuffer(body) && body.length === 0 ? null : body,
    },
    ({ statusCode, headers }) => {
      status = statusCode;
      return outgoing.writeHead(statusCode, answerHeaders(headers));
    },
  );
  return status;
}

/** Makes the call, waits until it is done, and hangs up instead of answering. */
async function forwardAndHangUp(
  upstream: Pool,
  incoming: IncomingMessage,
  body: Body,
  outgoing: ServerResponse,
): Promise<void> {
  const answer = await upstream.request({
    method: incoming.method as "GET",
    path: incoming.url ?? "/",
    headers: forwardedHeaders(incoming.rawHeaders),
    body: Buffer.isBuffer(body) && body.length === 0 ? null : body,
  });
  await answer.body.dump();
  // By way of the answer: the request has let go of its socket once its body was read.
  outgoing.destroy();
}

function refuse(outgoing: ServerResponse, service: ServiceName, code: string): number {
  const { status, headers, body } = errorAnswer(service, code);
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  outgoing.end(outgoing.req.method === "HEAD" ? undefined : body);
  return status;
}

/** One service's part of the wire. */
function serve(
  service: ServiceName,
  upstream: Pool,
  faults: FaultList,
  { calls, used }: { calls: CallLog; used: UsedPermissions },
) {
  const isS3 = AWS_SERVICES[service].protocol === "s3";

  async function answer(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    body: Body,
    fault: Fault | undefined,
  ): Promise<number> {
    if (fault?.delayMs) await wait(fault.delayMs);
    if (fault?.error !== undefined) {
      incoming.resume();
      return refuse(outgoing, service, fault.error);
    }
    if (fault?.dropAnswer) {
      await forwardAndHangUp(upstream, incoming, body, outgoing);
      return 0;
    }
    return forward(upstream, incoming, body, outgoing);
  }

  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const time = Date.now();
    try {
      // An object can be large and is not recorded, so it streams by; other requests are small, and faults look into them.
      const body = isS3 ? incoming : await buffer(incoming);
      const identified: Identified = Buffer.isBuffer(body) ? identify(service, incoming, body) : identifyS3(incoming);
      const call: RecordedCall & IncomingCall = {
        time,
        service,
        operation: identified.operation,
        status: 0,
        size: Buffer.isBuffer(body) ? body.length : 0,
        function: callingFunction(incoming),
        invocation: invocationOf(incoming),
        request: identified.request,
      };
      calls.add(call);
      try {
        call.status = await answer(incoming, outgoing, body, faults.take(call));
      } finally {
        used.add({ ...call, request: call.request() });
      }
    } catch {
      // The service is gone or the caller has hung up; to the caller both look like a broken connection.
      outgoing.destroy();
    }
  };
}

/**
 * Starts the reverse proxy that every AWS call of a function goes through: it counts, and can delay, refuse, or lose the
 * answer of a call. One address a service, so that signed Host headers and paths stay as they are.
 * @param faults what is to happen; a double that has faults of its own takes them from the same list
 * @param region of what is called, for its ARNs
 */
export async function startWire(
  upstreams: Readonly<Record<ServiceName, string>>,
  faults: FaultList = new FaultList(),
  region = "us-east-1",
): Promise<Wire> {
  const calls = new CallLog();
  const used = new UsedPermissions(region);
  const parts = await Promise.all(
    (Object.entries(upstreams) as [ServiceName, string][]).map(async ([service, url]) => {
      const upstream = new Pool(url, { connections: 512, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
      const server = createKeepAliveServer(serve(service, upstream, faults, { calls, used }));
      const origin = `http://${LOOPBACK}:${await listen(server, 0)}`;
      const stop = () => Promise.all([closeServer(server), upstream.destroy()]);
      return { service, origin, stop };
    }),
  );
  const elsewhere = await startElsewhere();
  return {
    elsewhere: elsewhere.url,
    origins: Object.fromEntries(parts.map(({ service, origin }) => [service, origin])) as Record<ServiceName, string>,
    faults,
    calls,
    used,
    stop: async () => {
      await Promise.all([...parts, elsewhere].map((part) => part.stop()));
    },
  };
}
