import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Capacity, ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { request } from "undici";
import { closeServer, LOOPBACK, listen } from "../scripts/local/ports.ts";

/** What requests have cost in units of a table on demand. */
export interface Cost {
  read: number;
  write: number;
  /** By table and index, to compare exactly. */
  byIndex: Readonly<Record<string, number>>;
}

export interface CapacityMeter {
  url: string;
  /** What was consumed since the last look. */
  take(): Cost;
  stop(): Promise<void>;
}

const READS = new Set(["GetItem", "BatchGetItem", "Query", "TransactGetItems"]);

interface Metered {
  operation: string;
  consumed: ConsumedCapacity[];
}

function indexUnits({ TableName, Table, GlobalSecondaryIndexes = {} }: ConsumedCapacity): [string, number][] {
  const units = (capacity: Capacity | undefined) => capacity?.CapacityUnits ?? 0;
  const indexes = Object.entries(GlobalSecondaryIndexes ?? {});
  return [
    [TableName ?? "?", units(Table)],
    ...indexes.map(([index, capacity]) => [`${TableName}/${index}`, units(capacity)] as [string, number]),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function costOf(metered: readonly Metered[]): Cost {
  const unitsOf = (isRead: boolean) =>
    sum(
      metered
        .filter(({ operation }) => READS.has(operation) === isRead)
        .flatMap(({ consumed }) => consumed.map(({ CapacityUnits = 0 }) => CapacityUnits)),
    );
  const byIndex: Record<string, number> = {};
  for (const { operation, consumed } of metered) {
    for (const [place, units] of consumed.flatMap(indexUnits)) {
      byIndex[`${operation} ${place}`] = (byIndex[`${operation} ${place}`] ?? 0) + units;
    }
  }
  return { read: unitsOf(true), write: unitsOf(false), byIndex };
}

/**
 * Stands before DynamoDB and asks with every request for what it consumes: production code does not have to, and is
 * measured as it is.
 * @param upstream where the requests go
 */
export async function startCapacityMeter(upstream: string): Promise<CapacityMeter> {
  let metered: Metered[] = [];

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const asked = JSON.parse((await buffer(incoming)).toString()) as object;
    const { "content-length": _, connection: __, host: ___, ...headers } = incoming.headers;
    const target = String(incoming.headers["x-amz-target"]);
    const answer = await request(upstream, {
      method: "POST",
      headers,
      body: JSON.stringify({ ...asked, ReturnConsumedCapacity: "INDEXES" }),
    });
    const text = await answer.body.text();
    const { ConsumedCapacity: consumed = [] } = JSON.parse(text) as {
      ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
    };
    metered.push({ operation: target.slice(target.indexOf(".") + 1), consumed: [consumed].flat() });
    outgoing.writeHead(answer.statusCode, answer.headers).end(text);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const url = `http://${LOOPBACK}:${await listen(server, 0)}`;
  return {
    url,
    take: () => {
      const cost = costOf(metered);
      metered = [];
      return cost;
    },
    stop: () => closeServer(server),
  };
}
