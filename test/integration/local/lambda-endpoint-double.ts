import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Invocation {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of every source are looked into here
  event: any;
  startedAt: number;
  /** Of the same function at that moment, this one included. */
  running: number;
}

/** What a function does: returns its answer, or throws. */
export type Behaviour = (event: Invocation["event"], call: number) => unknown;

/** Plays Lambda's invocation endpoint as serverless-offline has it; the seam at which functions can be told to fail. */
export interface LambdaEndpoint {
  url: string;
  invocations(name: string): Invocation[];
  /** Without a behaviour a function does not exist. */
  define(name: string, behaviour: Behaviour): void;
  stop(): Promise<void>;
}

export async function startLambdaEndpoint(): Promise<LambdaEndpoint> {
  const behaviours = new Map<string, Behaviour>();
  const invocations: Invocation[] = [];
  const running = new Map<string, number>();

  const server = createServer(async (request, response) => {
    const name = /functions\/([^/]+)\/invocations/.exec(request.url ?? "")?.[1] ?? "";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const behaviour = behaviours.get(name);
    if (behaviour === undefined) {
      response.writeHead(404, { "x-amzn-errortype": "ResourceNotFoundException" });
      response.end(JSON.stringify({ Message: `Function not found: ${name}`, Type: "User" }));
      return;
    }
    const event = JSON.parse(Buffer.concat(chunks).toString());
    running.set(name, (running.get(name) ?? 0) + 1);
    invocations.push({ name, event, startedAt: Date.now(), running: running.get(name) ?? 0 });
    try {
      const call = invocations.filter((invocation) => invocation.name === name).length;
      const answer = await behaviour(event, call);
      response.end(answer === undefined ? "" : JSON.stringify(answer));
    } catch (error) {
      response.writeHead(200, { "x-amz-function-error": "Unhandled" });
      response.end(JSON.stringify({ errorMessage: error instanceof Error ? error.message : "?", errorType: "Error" }));
    } finally {
      running.set(name, (running.get(name) ?? 1) - 1);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations: (name) => invocations.filter((invocation) => invocation.name === name),
    define: (name, behaviour) => void behaviours.set(name, behaviour),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
