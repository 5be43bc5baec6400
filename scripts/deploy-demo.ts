import { randomInt } from "node:crypto";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { createNarrator } from "./deploy-demo/narrator.ts";
import { DemoPipeline } from "./deploy-demo/pipeline.ts";
import { findOrStart } from "./deploy-demo/running-system.ts";
import { STEPS } from "./deploy-demo/steps.ts";

function anyPrefix(): string {
  return String.fromCharCode(...Array.from({ length: 3 }, () => 65 + randomInt(26)));
}

async function show({ data }: { data: string }): Promise<void> {
  const narrator = createNarrator((line) => process.stdout.write(`${line}\n`));
  narrator.step("A local system, and a project that can be deployed");
  const system = await findOrStart(data, narrator.tell);
  // Ctrl-C ends what was started for this, too.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void system.leave().finally(() => process.exit(130)));
  }
  const pipeline = new DemoPipeline(system.endpoints, `deploy-demo-${randomInt(2 ** 32).toString(36)}`);
  try {
    const task = await pipeline.create(anyPrefix());
    narrator.tell(`project ${pipeline.project} at version 1.4.2, with the task ${task}`);
    for (const step of STEPS) await step({ pipeline, narrator, task });
    process.stdout.write("\nAll of it went as it should.\n");
  } finally {
    pipeline.close();
    await system.leave();
  }
}

await run(
  new Command("npm run demo:deploy --")
    .description(
      "Shows deployments from submission to worklog, live: batches, waiting, failures, lost events, a pause.",
    )
    .option(
      "--data <dir>",
      "data folder of the local system; if none runs there, one is started for the demo",
      ".local",
    )
    .action(show),
);
