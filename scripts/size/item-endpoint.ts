import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A DynamoDB whose every GetItem finds the same item; it answers at once, so that what is measured is ours. */
export interface ItemEndpoint {
  url: string;
  /** How many calls it has answered. */
  calls: () => number;
  stop: () => void;
}

/** One item that does for every table: a project, and a record of it. */
const ITEM = {
  project_id: { S: "alpha" },
  record_id: { S: "task#ALP-TSK-001" },
  item_id: { S: "ALP-TSK-001" },
  record_type: { S: "task" },
  prefix: { S: "ALP" },
  title: { S: "Measure the cold start" },
  status: { S: "open" },
  created_at: { S: "2026-01-01T00:00:00Z" },
  updated_at: { S: "2026-01-01T00:00:00Z" },
};

/** Serves the item on a free port of this machine. */
export async function itemEndpoint(): Promise<ItemEndpoint> {
  let calls = 0;
  const body = JSON.stringify({ Item: ITEM });
  const server = createServer((request, response) => {
    calls += 1;
    request.resume().once("end", () => {
      response.writeHead(200, { "Content-Type": "application/x-amz-json-1.0" }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, stop: () => server.close() };
}
