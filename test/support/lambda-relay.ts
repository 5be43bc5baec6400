import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "../../scripts/local/ports.ts";
import { callingFunction } from "../../scripts/local/wire/identify.ts";

const CALLERS = "/callers/";
const ANSWER_HEADERS = ["content-type", "x-amz-function-error", "x-amzn-errortype"];

/**
 * Where the wire takes invocations to while tests run: each to the functions of the process that makes it, since every
 * test file runs those that it is about in its own (`serve-functions.ts`).
 */
export async function startLambdaRelay() {
  const endpoints = new Map<string, string>();

  async function register(caller: string, incoming: IncomingMessage): Promise<void> {
    if (incoming.method === "PUT") endpoints.set(caller, await text(incoming));
    else endpoints.delete(caller);
  }

  async function invoke(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const endpoint = endpoints.get(callingFunction(incoming) ?? "");
    if (endpoint === undefined) {
      outgoing.writeHead(404, { "x-amzn-errortype": "ResourceNotFoundException" });
      return void outgoing.end(JSON.stringify({ Type: "User", Message: "This test serves no functions." }));
    }
    const type = String(incoming.headers["x-amz-invocation-type"] ?? "RequestResponse");
    const headers = { "x-amz-invocation-type": type };
    const answer = await fetch(`${endpoint}${incoming.url}`, { method: "POST", headers, body });
    const known = ANSWER_HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    outgoing.writeHead(answer.status, Object.fromEntries(known)).end(await answer.text());
  }

  const server = createKeepAliveServer((incoming, outgoing) => {
    const { url = "" } = incoming;
    const done = url.startsWith(CALLERS)
      ? register(url.slice(CALLERS.length), incoming).then(() => void outgoing.writeHead(204).end())
      : invoke(incoming, outgoing);
    done.catch(() => outgoing.destroy());
  });
  const url = `http://${LOOPBACK}:${await listen(server, 0)}`;
  return { url, stop: () => closeServer(server) };
}
