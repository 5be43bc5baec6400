import { readFileSync } from "node:fs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { type AttachReport, attachToAll, type FunctionResult } from "./attach-layer/attach-all.ts";
import { declaredLayer, layeredFunctions } from "./attach-layer/declared-layer.ts";
import { zipLayer } from "./attach-layer/zip-layer.ts";
import { buildLayer } from "./build-layer.ts";
import { type ResolvedConfig, ROOT, readConfig, resolvedConfig } from "./service/resolved-config.ts";

interface Options {
  stage: string;
  region: string;
  awsProfile?: string;
  resolved?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Lambda slows down who changes many functions. */
const MOST_ATTEMPTS = 8;

function resultLine({ function_name, status, previous, detail }: FunctionResult, done: number, total: number): string {
  const was = previous && status !== "already" ? ` (was ${previous})` : "";
  return `${done}/${total} ${function_name}: ${status.replace("_", " ")}${was}${detail ? `: ${detail}` : ""}`;
}

function print({ ok, dry_run, layer, functions }: AttachReport): void {
  const names = (status: FunctionResult["status"]) =>
    functions.filter((found) => found.status === status).map(({ function_name }) => function_name);
  const version = layer.version ?? "a new version";
  if (ok) {
    console.log(
      dry_run
        ? `${names("would_attach").length} of ${functions.length} functions would get ${version}. Nothing was changed.`
        : `All ${functions.length} functions have ${version}${layer.published ? ", which is new" : ""}.`,
    );
    return;
  }
  console.error(`\nStopped at ${names("failed").join()}.`);
  console.error(`Changed before: ${names("attached").join(", ") || "none"}`);
  console.error(`Not touched: ${names("not_reached").join(", ") || "none"}`);
  console.error("The version that each had stands in its line above. Another run goes on where this one stopped.");
}

async function configuration({ stage, region, resolved }: Options): Promise<ResolvedConfig> {
  if (resolved) return readConfig(readFileSync(resolved, "utf8"));
  return resolvedConfig(stage, ROOT, ["--region", region]);
}

async function attachLayer(options: Options): Promise<void> {
  const { region, awsProfile, dryRun = false, json = false } = options;
  if (awsProfile) process.env.AWS_PROFILE = awsProfile;
  const config = await configuration(options);
  const { directory, digest } = await buildLayer();
  const layer = { ...declaredLayer(config), digest, zip: zipLayer(directory) };
  const functions = layeredFunctions(config);
  const client = new LambdaClient({ region, maxAttempts: MOST_ATTEMPTS });
  if (!json) console.log(`${layer.name}, content sha256:${digest}, for ${functions.length} functions`);
  const onResult = (...[result, done, total]: Parameters<typeof resultLine>) => {
    if (!json) console.log(resultLine(result, done, total));
  };
  const report = await attachToAll(client, layer, functions, { dryRun, onResult }).catch((error: unknown) => {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new UserError(`The layer ${layer.name} could not be published, and no function was touched. ${reason}`);
  });
  if (json) console.log(JSON.stringify(report));
  else print(report);
  if (!report.ok) process.exitCode = 1;
}

const command = new Command("npm run layer:attach-all --")
  .description(
    "Publishes the shared layer and attaches it to every function of a stage that lists it, one after the other, each " +
      "seen to work before the next; stops at the first that does not. A layer whose content is published already is " +
      "not published again. It is for the layer alone, in a hurry: the next deploy of the stack goes by serverless.yml.",
  )
  .requiredOption("--stage <name>", "the stage; prod is production")
  .option("--region <name>", "where", "us-east-1")
  .option("--aws-profile <name>", "whose credentials; by default those of the environment")
  .option("--resolved <file>", "the resolved configuration in place of this repository's")
  .option("--dry-run", "only say what would be done")
  .option("--json", "print the report as JSON")
  .action(attachLayer);

await run(command);
