import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "./ports.ts";
import { Fault } from "./wire/faults.ts";
import type { Wire } from "./wire/index.ts";

/** Room for the oversize cookies that the functions themselves are to refuse. */
const MOST_HEADER_BYTES = 64 * 1024;
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const REFERENCE_FILES: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
  "favicon-32x32.png": "image/png",
};

const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Enceladus API</title>
<link rel="stylesheet" href="reference/swagger-ui.css">
<link rel="icon" href="reference/favicon-32x32.png">
</head>
<body>
<div id="reference"></div>
<script src="reference/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: "openapi.json", dom_id: "#reference", deepLinking: true, withCredentials: true });</script>
</body>
</html>
`;

const CallQuery = z.strictObject({
  service: z.string().optional(),
  operation: z.string().optional(),
  function: z.string().optional(),
  /** ISO 8601, or milliseconds since the epoch. */
  since: z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))
    .refine((time) => !Number.isNaN(time), { error: "must be an ISO 8601 time or milliseconds since the epoch" })
    .optional(),
});

interface LocalAnswer {
  status: number;
  type?: string;
  body: unknown;
}

const json = (status: number, body: unknown): LocalAnswer => ({ status, body });
const refused = (message: string) => json(400, { error: message });

function addFault(wire: Wire, text: string): LocalAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refused("The body must be JSON.");
  }
  const fault = Fault.safeParse(body);
  if (!fault.success) return refused(z.prettifyError(fault.error));
  wire.faults.add(fault.data);
  return json(201, { fault: fault.data });
}

function listCalls(wire: Wire, query: URLSearchParams): LocalAnswer {
  const filter = CallQuery.safeParse(Object.fromEntries(query));
  if (!filter.success) return refused(z.prettifyError(filter.error));
  return json(200, { calls: wire.calls.list(filter.data) });
}

async function openApi(apiUrl: string): Promise<LocalAnswer> {
  try {
    const document = JSON.parse(await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
    return json(200, { ...document, servers: [{ url: apiUrl }] });
  } catch {
    return json(404, { error: "docs/openapi.json is not there; `npm run openapi` writes it." });
  }
}

async function referenceFile(name: string): Promise<LocalAnswer> {
  const type = REFERENCE_FILES[name];
  if (!type) return json(404, { error: "There is no such page." });
  return { status: 200, type, body: await readFile(join(SWAGGER_UI, name)) };
}

async function answerLocally(wire: Wire, apiUrl: string, incoming: IncomingMessage): Promise<LocalAnswer> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", apiUrl);
  const body = (await buffer(incoming)).toString();
  const call = `${incoming.method} ${pathname}`;
  if (call.startsWith("GET /local/reference/")) return referenceFile(call.slice("GET /local/reference/".length));
  switch (call) {
    case "POST /local/faults":
      return addFault(wire, body);
    case "GET /local/faults":
      return json(200, { faults: wire.faults.pending() });
    case "DELETE /local/faults":
      wire.faults.clear(searchParams.get("function") ?? undefined);
      return json(204, undefined);
    case "GET /local/calls":
      return listCalls(wire, searchParams);
    case "DELETE /local/calls":
      wire.calls.clear();
      return json(204, undefined);
    case "GET /local/used-permissions":
      return json(200, wire.used.list());
    case "GET /local/reference":
      return { status: 200, type: "text/html; charset=utf-8", body: Buffer.from(REFERENCE_PAGE) };
    case "GET /local/openapi.json":
      return openApi(apiUrl);
    default:
      return json(404, { error: "Known are faults, calls, used-permissions, reference and openapi.json." });
  }
}

function send(outgoing: ServerResponse, { status, type = "application/json", body }: LocalAnswer): void {
  outgoing.writeHead(status, { ...(body !== undefined && { "content-type": type }), "cache-control": "no-store" });
  outgoing.end(Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body));
}

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/**
 * The address that clients know: `/local/...` is about the local AWS itself, everything else is the HTTP API.
 * @param gateway answers the HTTP API's requests
 */
export async function startFront(port: number, wire: Wire, gateway: Handler) {
  let apiUrl = `http://${LOOPBACK}:${port}`;
  const server = createKeepAliveServer(
    (incoming, outgoing) => {
      const isLocal = /^\/local(\/|\?|$)/.test(incoming.url ?? "");
      const answered = isLocal
        ? answerLocally(wire, apiUrl, incoming).then((answer) => send(outgoing, answer))
        : gateway(incoming, outgoing);
      answered.catch((error: unknown) => {
        if (outgoing.headersSent) outgoing.destroy();
        else send(outgoing, json(isLocal ? 500 : 503, { message: isLocal ? String(error) : "Service Unavailable" }));
      });
    },
    { maxHeaderSize: MOST_HEADER_BYTES },
  );
  apiUrl = `http://${LOOPBACK}:${await listen(server, port)}`;
  return { url: apiUrl, stop: () => closeServer(server) };
}
