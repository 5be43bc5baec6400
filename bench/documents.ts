import { type CapacityMeter, startCapacityMeter } from "./capacity-meter.ts";
import { Container, messageFrom, startInside } from "./container.ts";
import { markdownOf } from "./documents/content.ts";
import type { DocumentOrder } from "./documents/pairs-process.ts";
import { DocumentRequests } from "./documents/requests.ts";
import { fillDocuments, RARE } from "./documents/rows.ts";
import { registerProject } from "./records.ts";
import type { Figure, Part, Row } from "./report.ts";
import { byKey } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { median, percentile } from "./statistics.ts";
import type { Samples } from "./warm/protocol.ts";

/** The bar for what serving adds to the calls that it makes; a megabyte is scored, hashed and put into JSON besides. */
const MOST_RATIO = 1.3;

export interface DocumentOptions {
  repetitions: number;
  warmUp: number;
  /** How many documents the projects have. */
  sizes: readonly number[];
}

const milliseconds = (value: number, digits = 2): Figure => ({ value, digits });

function rowOf({ name, served, bare }: Samples): Row {
  const ratio = { value: median(served) / median(bare), digits: 3 };
  return {
    name,
    cells: {
      "p50 ms": milliseconds(median(served)),
      "bare p50 ms": milliseconds(median(bare)),
      "adds ms": milliseconds(median(served) - median(bare)),
      ratio: name.includes("MB") ? ratio : { ...ratio, atMost: MOST_RATIO },
      "p95 ms": milliseconds(percentile(served, 0.95)),
      "bare p95 ms": milliseconds(percentile(bare, 0.95)),
    },
  };
}

async function measurePairs(stage: Stage, { repetitions, warmUp }: DocumentOptions): Promise<Part> {
  const [projectId, writtenProjectId] = ["documents-warm", "documents-written"];
  for (const id of [projectId, writtenProjectId]) await registerProject(stage, id, 0);
  // So that every read of one repetition finds what the others found, writes go elsewhere.
  await fillDocuments(stage, projectId, 200);
  const child = startInside("documents/pairs-process.ts", stage.documents(stage.services.direct.dynamodb));
  const credentials = byKey(stage.services.internalKey);
  child.send({ projectId, writtenProjectId, credentials, repetitions, warmUp } satisfies DocumentOrder);
  const samples = await messageFrom<Samples[]>(child);
  return {
    title: `Documents over the bare calls of S3 and DynamoDB (${repetitions} pairs)`,
    rows: samples.map(rowOf),
  };
}

const SEARCHES: readonly { name: string; of: (requests: DocumentRequests) => unknown; sameWork: boolean }[] = [
  { name: "list, page of 50", of: (requests) => requests.list(), sameWork: true },
  { name: `by a word, ${RARE} match`, of: (requests) => requests.search({ text: "rare" }), sameWork: true },
  {
    name: `by two words, ${RARE} match, all have one`,
    of: (requests) => requests.search({ text: "rare document" }),
    sameWork: false,
  },
  { name: `by keyword, ${RARE} match`, of: (requests) => requests.search({ keyword: "rare" }), sameWork: false },
  { name: "by title, 1 matches", of: (requests) => requests.search({ title: "document 000003 of" }), sameWork: false },
  { name: "without a filter, counted", of: (requests) => requests.search({}), sameWork: false },
];
const TIMED = 20;

async function measureSearches(stage: Stage, meter: CapacityMeter, { sizes }: DocumentOptions): Promise<Part> {
  const container = new Container(stage.documents(meter.url));
  try {
    const rows: Row[] = [];
    const found = new Map(SEARCHES.map(({ name }) => [name, new Map<number, { units: number; p50: number }>()]));
    for (const [index, size] of sizes.entries()) {
      const projectId = `documents-${index}`;
      await fillDocuments(stage, projectId, size);
      const requests = new DocumentRequests(projectId, byKey(stage.services.internalKey));
      for (const { name, of } of SEARCHES) {
        const event = of(requests);
        await container.call(event);
        meter.take();
        await container.call(event);
        const units = meter.take().read;
        const answers = await container.invoke(Array.from({ length: TIMED }, () => event));
        found.get(name)?.set(size, { units, p50: median(answers.map((answer) => answer.milliseconds)) });
      }
    }
    for (const { name, sameWork } of SEARCHES) {
      const bySize = [...(found.get(name) ?? [])];
      const cells: Record<string, Figure> = {};
      for (const [size, { p50 }] of bySize) cells[`p50 ms at ${size.toLocaleString("en")}`] = milliseconds(p50, 1);
      for (const [size, { units }] of bySize) cells[`units at ${size.toLocaleString("en")}`] = milliseconds(units, 1);
      const units = bySize.map(([, cost]) => cost.units);
      if (sameWork) cells["sizes that differ"] = { value: new Set(units).size - 1, digits: 0, atMost: 0 };
      rows.push({ name, cells });
    }
    return { title: "Searches by the number of documents in the project (p50, read units of a request)", rows };
  } finally {
    await container.stop();
  }
}

const SCORED = [100_000, 1_000_000];
/** Ten times as much may take this many times as long: a hundred would be the square, and memory costs a little. */
const MOST_GROWTH = 25;

async function measureScore(): Promise<Part> {
  const { assessCompliance } = await import("../domain/documents/index.ts");
  const texts: [name: string, of: (bytes: number) => string][] = [
    ["Markdown as people write it", markdownOf],
    ["quotes in quotes", (bytes) => "> ".repeat(bytes / 2)],
    ["list items", (bytes) => "- a\n\n    code\n".repeat(bytes / 14)],
  ];
  const rows = texts.map(([name, of]): Row => {
    const times = SCORED.map((bytes) => {
      const text = of(bytes);
      const runs = Array.from({ length: 7 }, () => {
        const startedAt = performance.now();
        assessCompliance(text);
        return performance.now() - startedAt;
      });
      // What else the machine does can only add.
      return Math.min(...runs);
    });
    const [small = Number.NaN, large = Number.NaN] = times;
    return {
      name,
      cells: {
        "100 KB ms": milliseconds(small, 1),
        "1 MB ms": milliseconds(large, 1),
        growth: { value: large / small, digits: 1, atMost: MOST_GROWTH },
      },
    };
  });
  return { title: "The compliance score of a document", rows };
}

/** What documents cost: requests over the calls that they make, searches in projects of several sizes, the score. */
export async function measureDocuments(stage: Stage, options: DocumentOptions): Promise<Part[]> {
  const pairs = await measurePairs(stage, options);
  const meter = await startCapacityMeter(stage.services.wire.origins.dynamodb);
  try {
    return [pairs, await measureSearches(stage, meter, options), await measureScore()];
  } finally {
    await meter.stop();
  }
}
