import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { measureAuthentication } from "../bench/authentication.ts";
import { measureColdStart } from "../bench/cold-start.ts";
import { measureConcurrency } from "../bench/concurrency.ts";
import { measureDeployments } from "../bench/deployments.ts";
import { measureDocuments } from "../bench/documents.ts";
import { measureGrowth } from "../bench/growth.ts";
import { above, type Part, tableOf, writeResults } from "../bench/report.ts";
import { openStage, type Stage } from "../bench/stage.ts";
import { measureClaims, measureWarmLatency } from "../bench/warm-latency.ts";

const RESULTS = join(resolve(import.meta.dirname, ".."), "bench/results");

interface Options {
  only?: string[];
  quick: boolean;
  large: boolean;
}

/** The parts of the table in their order; a stage is set up when the first one asks for it. */
const PARTS: Readonly<Record<string, (options: Options, stage: () => Promise<Stage>) => Promise<Part | Part[]>>> = {
  cold: ({ quick }) => measureColdStart({ runs: quick ? 5 : 21 }),
  authentication: async ({ quick }, stage) =>
    measureAuthentication(
      await stage(),
      quick ? { repetitions: 500, warmUp: 300 } : { repetitions: 3_000, warmUp: 1_000 },
    ),
  warm: async ({ quick }, stage) =>
    measureWarmLatency(await stage(), quick ? { repetitions: 200, warmUp: 100 } : { repetitions: 1_000, warmUp: 300 }),
  claims: async ({ quick }, stage) =>
    measureClaims(await stage(), quick ? { repetitions: 200, warmUp: 100 } : { repetitions: 1_000, warmUp: 300 }),
  growth: async ({ quick, large }, stage) =>
    measureGrowth(await stage(), { sizes: [100, quick ? 1_000 : 10_000, ...(large ? [100_000] : [])] }),
  documents: async ({ quick }, stage) =>
    measureDocuments(await stage(), {
      ...(quick ? { repetitions: 100, warmUp: 50 } : { repetitions: 500, warmUp: 200 }),
      sizes: [100, 1_000, ...(quick ? [] : [10_000])],
    }),
  deployments: async ({ quick }, stage) =>
    measureDeployments(await stage(), quick ? { projects: 40, pending: 200 } : { projects: 200, pending: 1_000 }),
  concurrency: async (_, stage) => measureConcurrency(await stage(), { creates: 500, checkouts: 200 }),
};

function partName(name: string, before: string[] | undefined): string[] {
  if (!(name in PARTS)) throw new InvalidArgumentError(`Choose from ${Object.keys(PARTS).join(", ")}.`);
  return [...(before ?? []), name];
}

const options = new Command("bench")
  .description("Measures the system against its bars, prints a table and writes bench/results/<time>.json.")
  .option("--only <part>", `one of ${Object.keys(PARTS).join(", ")}; may be repeated`, partName)
  .option("--quick", "fewer repetitions and smaller projects: a first look, not a result", false)
  .option("--large", "growth up to 100,000 records; takes some minutes more", false)
  .addHelpText("after", "\nExits with 1 when a figure is above its bar.")
  .parse()
  .opts<Options>();

let stage: Promise<Stage> | undefined;
const openedStage = () => {
  stage ??= openStage();
  return stage;
};
const parts: Part[] = [];
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (options.only && !options.only.includes(name)) continue;
    const measured = [await measure(options, openedStage)].flat();
    for (const part of measured) console.log(`${tableOf(part)}\n`);
    parts.push(...measured);
  }
} finally {
  await (await stage)?.stop();
}
const failures = above(parts);
console.log(failures.length === 0 ? "Every figure is within its bar." : `Above the bar:\n  ${failures.join("\n  ")}`);
console.log(`Written to ${writeResults(RESULTS, parts, options)}`);
process.exitCode = failures.length === 0 ? 0 : 1;
