import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a double answers. */
export interface LoopbackAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: string | Uint8Array;
}

export interface LoopbackServer {
  url: string;
  stop(): void;
}

/**
 * Answers HTTP on the loopback interface, at a port of its own. It keeps no process alive.
 * @param answer gets each request with its whole body
 */
export async function serveLoopback(
  answer: (request: IncomingMessage, body: string) => LoopbackAnswer,
): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    const { status, headers, body } = answer(request, await text(request));
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
