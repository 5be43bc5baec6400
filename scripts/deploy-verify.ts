import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import type { Verdict } from "./deploy/check.ts";
import { stackOutputs } from "./deploy/deployed-stack.ts";
import { type PackagedFunction, readPackages } from "./packages/package-service.ts";
import { errorText } from "./service/aws-errors.ts";
import { ROOT } from "./service/resolved-config.ts";
import { physicalIds } from "./template/deployed-template.ts";
import { packagedTemplate } from "./template/stack-template.ts";
import { type DeployedStack, verifyFunction } from "./verify-live/verify.ts";

interface Options {
  function?: string[];
  all?: boolean;
  stage: string;
  region: string;
  package: string;
  commit?: string;
  json?: boolean;
}

/** Lambda takes a change in seconds; five minutes are more than it ever needs. */
const PATIENCE = { times: 150, ms: 2_000 };

function chosen({ function: keys = [], all }: Options, functions: readonly PackagedFunction[]): PackagedFunction[] {
  if (all) return [...functions];
  if (keys.length === 0) throw new UserError("Say which: --function KEY, or --all.");
  return keys.map((key) => {
    const found = functions.find((packaged) => packaged.key === key);
    if (!found) throw new UserError(`serverless.yml has no function ${key}.`);
    return found;
  });
}

function headCommit(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
}

async function deployedStack({ stage, region, package: directory, commit }: Options): Promise<DeployedStack> {
  const stackName = `enceladus-${stage}`;
  try {
    return {
      region,
      template: packagedTemplate(directory),
      physicalIds: await physicalIds({ region }, stackName),
      apiUrl: (await stackOutputs({ region }, stackName))?.HttpApiUrl,
      commit: commit ?? process.env.GITHUB_SHA ?? headCommit(),
      patience: PATIENCE,
    };
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    throw new UserError(`AWS does not say what is deployed (${errorText(error)}). May your credentials ask?`);
  }
}

function print(verdicts: readonly Verdict[]): void {
  for (const { what, problem } of verdicts) {
    console.log(problem ? `  FAILED ${what}\n         ${problem}` : `  ok     ${what}`);
  }
}

async function verify(options: Options): Promise<void> {
  const functions = chosen(options, readPackages(options.package).functions);
  const stack = await deployedStack(options);
  const verdicts: Verdict[] = [];
  for (const packaged of functions) {
    const found = await verifyFunction(packaged, stack);
    if (!options.json) print(found);
    verdicts.push(...found);
  }
  const ok = verdicts.every(({ problem }) => problem === undefined);
  if (options.json) console.log(JSON.stringify({ ok, verdicts }));
  if (!ok) process.exitCode = 1;
}

const command = new Command("npm run deploy:verify --")
  .description(
    "Checks that functions that were just deployed are live as they were packaged (state, runtime, architecture, handler, " +
      "layer, code) and answer, and marks them with the commit and the digest of their content.",
  )
  .requiredOption("--stage <name>", "the stage; prod is production")
  .option("--function <key...>", "keys in serverless.yml")
  .option("--all", "every function")
  .option("--region <name>", "where", "us-east-1")
  .option("--package <directory>", "where the deploy has left what it sent", join(ROOT, ".serverless"))
  .option("--commit <sha>", "what was deployed; by default GITHUB_SHA, else the commit at hand")
  .option("--json", "print the verdicts as JSON")
  .action(verify);

await run(command);
