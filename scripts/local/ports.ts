import { randomInt } from "node:crypto";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { LocalError } from "./errors.ts";

/** Everything here is for this machine only. */
export const LOOPBACK = "127.0.0.1";

/** Below the ranges from which operating systems serve those who ask for any port. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/**
 * A port of the loopback interface that nobody listens on at the moment. It lies where nobody gets one by asking for
 * any: whoever the port is meant for may take a second to start, and a server that came in between would be talked to
 * in its place.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(FIRST_PORT, LAST_PORT);
  const probe = createTcpServer();
  try {
    await listen(probe, port);
  } catch (error) {
    if (error instanceof LocalError) return freePort();
    throw error;
  }
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Listens on the loopback interface.
 * @param port 0 for any free one
 * @returns the port
 * @throws LocalError when the port is taken
 */
export function listen(server: ReturnType<typeof createTcpServer> | Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new LocalError(portTaken(port)) : error);
    });
    server.listen(port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });
}

/** What to say about a port that somebody else has. */
export function portTaken(port: number): string {
  return `Port ${port} is taken. Stop what listens there, or choose another one with --port.`;
}

/** @throws LocalError when one of the ports is taken */
export async function requireFreePorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const probe = createTcpServer();
    await listen(probe, port);
    await new Promise((resolve) => probe.close(resolve));
  }
}

/** An HTTP server for clients that keep their connections: they, not the server, decide when an idle one is closed. */
export function createKeepAliveServer(listener: RequestListener, options: ServerOptions = {}): Server {
  const server = createServer(options, listener);
  server.keepAliveTimeout = 3_600_000;
  server.requestTimeout = 0;
  return server;
}

/** Stops listening and drops the connections that are open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
