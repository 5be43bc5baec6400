import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { type Choice, chooseDeploy } from "./choose-deploy/choose.ts";
import { packageAsDeployed } from "./packages/package-as-deployed.ts";
import { readPackages } from "./packages/package-service.ts";
import { errorText } from "./service/aws-errors.ts";

interface Options {
  function: string;
  stage: string;
  region: string;
  param?: string[];
  package?: string;
  mode: Choice["mode"];
  strict?: boolean;
}

const MOST_REASONS = 20;

async function choiceOf({ function: key, stage, region, param = [], package: made }: Options): Promise<Choice> {
  const folder = mkdtempSync(join(tmpdir(), "enceladus-choose-"));
  try {
    const packages = made ? readPackages(made) : await packageAsDeployed(folder, { stage, region, params: param });
    return await chooseDeploy(key, packages, { region, stackName: `enceladus-${stage}` });
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    throw new UserError(`AWS does not say what is deployed (${errorText(error)}). May your credentials ask?`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function choose(options: Options): Promise<void> {
  const wanted = options.mode;
  const { mode, reasons } = wanted === "stack" ? { mode: wanted, reasons: [] } : await choiceOf(options);
  for (const reason of reasons.slice(0, MOST_REASONS)) console.error(`More than code: ${reason}.`);
  if (reasons.length > MOST_REASONS) console.error(`More than code: ${reasons.length - MOST_REASONS} further things.`);
  if (options.strict && mode !== wanted) {
    throw new UserError(
      `The code of ${options.function} cannot be deployed alone: npm run deploy -- --stage ${options.stage}`,
    );
  }
  console.log(mode);
}

const command = new Command("npm run deploy:choose --")
  .description(
    "Says on its standard output whether the code of a function can be deployed alone (code) or the stack has to be " +
      "(stack): whenever anything else differs from what is deployed, such as a role, a setting, an event, the layer.",
  )
  .requiredOption("--function <key>", "its key in serverless.yml")
  .requiredOption("--stage <name>", "the stage; prod is production")
  .option("--region <name>", "where", "us-east-1")
  .option("--param <key=value...>", "the parameters with which the stage is deployed")
  .option("--package <directory>", "packed as a deploy would; by default it packs by itself")
  .addOption(new Option("--mode <mode>", "what is asked for").choices(["code", "stack"]).default("code"))
  .option("--strict", "end with 1 where the code cannot be deployed alone")
  .action(choose);

await run(command);
