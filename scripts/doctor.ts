import { Command } from "commander";
import { run } from "./api/run.ts";
import { examine } from "./doctor/examine.ts";
import { table } from "./doctor/table.ts";
import { ROOT, resolvedConfig } from "./service/resolved-config.ts";

interface Options {
  stage: string;
  region: string;
  param?: string[];
  json?: boolean;
}

async function doctor({ stage, region, param: params = [], json }: Options): Promise<void> {
  const checks = await examine({ stage, region, params }, await resolvedConfig(stage, ROOT));
  const ok = checks.every(({ status }) => status !== "problem");
  console.log(json ? JSON.stringify({ ok, stage, region, checks }) : table(checks));
  if (!ok) process.exitCode = 1;
}

const command = new Command("npm run doctor --")
  .description(
    "Looks whether a stage can be deployed into the account of your credentials and is well: account, region, parameters, " +
      "stack, user pool, secrets (never their values), alerts, quotas, builder, certificate. It changes nothing.",
  )
  .requiredOption("--stage <name>", "the stage; prod is production")
  .option("--region <name>", "where", "us-east-1")
  .option("--param <key=value...>", "the parameters with which the stage is deployed")
  .option("--json", "print the checks as JSON")
  .addHelpText(
    "after",
    "\nIt exits with 1 when there is a problem. What these credentials may not ask is unknown, and no problem.",
  )
  .action(doctor);

await run(command);
