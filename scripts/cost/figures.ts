import type { Part } from "../../bench/report.ts";

/** What one request was measured to take. */
export interface RequestFigures {
  /** AWS calls. */
  calls: number;
  /** Read request units. */
  read: number;
  /** Write request units. */
  write: number;
  /** Milliseconds of a warm function. */
  milliseconds: number;
}

/** docs/cost-figures.json: the bench's figures that the costs are worked out from. */
export interface CostFigures {
  /** When the bench ran. */
  measured: string;
  requests: Readonly<Record<string, RequestFigures>>;
}

interface Results {
  at: string;
  parts: readonly Part[];
}

interface Spent {
  calls: number;
  read: number;
  write: number;
}

const CAPACITY = /^AWS calls and consumed capacity/;
const LATENCY = /^Warm latency/;

function partOf({ parts }: Results, title: RegExp): Part {
  const part = parts.find((found) => title.test(found.title));
  if (!part)
    throw new Error(`the bench's results have no part ${String(title)}: run it with --only growth --only warm`);
  return part;
}

/** The latency of each request that has one, by its name; of the others, the highest of them. */
function latencies(results: Results): (name: string) => number {
  const known = new Map<string, number>();
  for (const { name, cells } of partOf(results, LATENCY).rows) {
    const cell = cells["p50 ms"];
    // "get, by cookie": how long it takes does not depend on who asks by much, so the slower counts.
    const request = name.replace(/, by [a-z ]+$/, "").replace(/^list, page/, "first page");
    if (typeof cell === "object") known.set(request, Math.max(cell.value, known.get(request) ?? 0));
  }
  if (known.size === 0) throw new Error("the bench's results have no latencies");
  const highest = Math.max(...known.values());
  return (name) => known.get(name) ?? highest;
}

const rounded = (value: number) => Number(value.toFixed(2));

/**
 * The figures of some requests, from the results of a bench.
 * @param names as the bench has them
 * @throws Error when one of them was not measured
 */
export function figuresOf(results: Results, names: readonly string[]): CostFigures {
  const rows = new Map(partOf(results, CAPACITY).rows.map((row) => [row.name, row]));
  const latency = latencies(results);
  const requests = names.map((name) => {
    const spent = Object.values((rows.get(name)?.details ?? {}) as Record<string, Spent>).at(-1);
    if (!spent) throw new Error(`the bench has not measured ${name}`);
    const { calls, read, write } = spent;
    return [name, { calls, read: rounded(read), write: rounded(write), milliseconds: rounded(latency(name)) }] as const;
  });
  return { measured: results.at.slice(0, 10), requests: Object.fromEntries(requests) };
}
