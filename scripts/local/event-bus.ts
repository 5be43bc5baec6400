import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  acceptEntry,
  type BusEvent,
  type BusPlace,
  busName,
  type EventContent,
  envelope,
  RequestError,
  readEntries,
} from "./event-bus/put-events.ts";

export type { BusEvent, EventContent, EventEnvelope } from "./event-bus/put-events.ts";

export type EventListener = (event: BusEvent) => Promise<void>;

export interface EventBus {
  url: string;
  /** Calls the listener with every event from now on. PutEvents answers without waiting for it, as AWS does. */
  onEvent(listener: EventListener): void;
  /**
   * For the doubles of AWS services: their events (source `aws.*`) lie on the default bus and may not come through
   * PutEvents.
   * @param times how often it is delivered, each time as the same event: more than once is what AWS reserves the right to
   */
  publish(content: EventContent, times?: number): void;
  stop(): Promise<void>;
}

export interface EventBusOptions {
  /** A free port without it. */
  port?: number;
  /** Names of the custom buses; the bus `default` is always there. */
  buses: string[];
  account?: string;
  region?: string;
  /** Hears of a listener that failed: the caller of PutEvents is long gone by then. */
  log?: (message: string) => void;
}

const TARGET = "AWSEvents.PutEvents";
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Starts the double of EventBridge on the loopback interface: PutEvents over the wire protocol (JSON 1.1). */
export async function startEventBus(options: EventBusOptions): Promise<EventBus> {
  const listeners: EventListener[] = [];
  const place: BusPlace = {
    buses: new Set(["default", ...options.buses.map(busName)]),
    account: options.account ?? "000000000000",
    region: options.region ?? "us-east-1",
  };
  const log = options.log ?? ((message: string) => console.error(message));

  const emit = (event: BusEvent): void => {
    for (const listener of listeners) {
      listener(event).catch((error: unknown) => log(`event ${event.envelope.id}: ${String(error)}`));
    }
  };

  const putEvents = (body: unknown): unknown => {
    const accepted = readEntries(body).map((entry) => acceptEntry(entry, place));
    const events = accepted.flatMap(({ event }) => event ?? []);
    // After the answer is on its way: nobody may come to rely on a target having run when PutEvents returns.
    setImmediate(() => events.forEach(emit));
    return { FailedEntryCount: accepted.length - events.length, Entries: accepted.map(({ result }) => result) };
  };

  const server = createServer((request, response) => {
    void answer(request, response, putEvents);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    onEvent: (listener) => void listeners.push(listener),
    publish: (content, times = 1) => {
      const event = { bus: busName(undefined), envelope: envelope(place, content) };
      for (let delivery = 0; delivery < times; delivery++) emit(event);
    },
    stop: () =>
      new Promise((resolve) => {
        listeners.length = 0;
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  putEvents: (body: unknown) => unknown,
): Promise<void> {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
    response.end(JSON.stringify(body));
  };
  try {
    const body = await readBody(request);
    const target = request.headers["x-amz-target"];
    if (request.method !== "POST" || target !== TARGET) {
      throw new RequestError("UnknownOperationException", `${String(target ?? "no operation")} is not known here`);
    }
    send(200, putEvents(parseBody(body)));
  } catch (error) {
    if (error instanceof RequestError) send(400, { __type: error.type, message: error.message });
    else send(500, { __type: "InternalException", message: String(error) });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new RequestError("ValidationException", "The request is too large");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new RequestError("SerializationException", "The request is not JSON");
  }
}
