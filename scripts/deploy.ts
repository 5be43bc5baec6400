import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { checkDeployment } from "./deploy/check.ts";
import { deployedConfiguration } from "./deploy/deployed-stack.ts";
import type { BakedConfiguration } from "./deploy/edge-configuration.ts";
import { allowRemovals } from "./deploy/edge-hooks.ts";
import { bakedInto } from "./deploy/edge-package.ts";
import { liveFacts } from "./deploy/live-facts.ts";
import { type DeclaredParameters, demandParameters } from "./deploy/parameters.ts";
import { deployUntilConfigured } from "./deploy/passes.ts";
import { readPackages } from "./packages/package-service.ts";
import { resolvedConfig } from "./service/resolved-config.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** Where a deploy leaves what it has packaged. */
const PACKAGES = join(ROOT, ".serverless");

interface DeployOptions {
  stage: string;
  region: string;
  param?: string[];
  allowRemoval?: string[];
  awsProfile?: string;
}

async function sls(args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` };
  const child = spawn("sls", args, { cwd: ROOT, env, stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new UserError(`The deploy has failed: sls ended with ${code ?? "a signal"}.`);
}

/** What the stack says that its edge should be. */
type StackQuestion = () => Promise<BakedConfiguration | undefined>;

const packagedFunctions = () => readPackages(PACKAGES).functions;
const packagedEdge = () => packagedFunctions().find(({ isAtTheEdge }) => isAtTheEdge);

/** Deploys in as many passes as it takes. */
async function deployStack({ stage, region, param = [] }: DeployOptions, asked: StackQuestion): Promise<void> {
  const args = ["deploy", "--stage", stage, "--region", region, ...param.flatMap((pair) => ["--param", pair])];
  const passes = await deployUntilConfigured({
    deploy: async (pass) => {
      if (pass > 1) console.log("\nThe edge went out without what the stack is now known to be: deploying once more.");
      await sls(args);
    },
    baked: () => {
      const edge = packagedEdge();
      return edge && bakedInto(edge.zip);
    },
    wanted: async () => (packagedEdge() ? asked() : undefined),
  });
  console.log(`\nDeployed in ${passes === 1 ? "one pass" : `${passes} passes`}.`);
}

/** @throws UserError when something that is live does not fit to the rest */
async function checkWhatIsLive(region: string, stackName: string, asked: StackQuestion): Promise<void> {
  console.log("Checking what is live:");
  const stack = await asked();
  if (!stack)
    throw new UserError(`The stack ${stackName} does not say which user pool it has: nothing can be checked.`);
  const verdicts = checkDeployment(await liveFacts({ region }, stackName, stack, packagedFunctions()));
  for (const { what, problem } of verdicts) {
    console.log(problem ? `  FAILED ${what}\n         ${problem}` : `  ok     ${what}`);
  }
  if (verdicts.some(({ problem }) => problem)) throw new UserError("The deployment is not as it should be.");
  if (packagedEdge()) console.log(`\n${stack.appOrigin}/enceladus/`);
}

/** @throws UserError when the stage cannot be deployed as it is asked for */
async function checkRequest({ stage, region, param: params = [] }: DeployOptions): Promise<void> {
  const { params: declared } = await resolvedConfig(stage, ROOT);
  demandParameters({ stage, region, params }, (declared ?? {}) as DeclaredParameters);
}

async function deploy(options: DeployOptions): Promise<void> {
  const { stage, region, awsProfile, allowRemoval = [] } = options;
  await checkRequest(options);
  if (awsProfile) process.env.AWS_PROFILE = awsProfile;
  allowRemovals(allowRemoval);
  const stackName = `enceladus-${stage}`;
  const asked = () => deployedConfiguration({ region }, stackName);
  try {
    await deployStack(options, asked);
    await checkWhatIsLive(region, stackName, asked);
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    throw new UserError(`AWS does not say what is live (${error.name}: ${error.message}). May your credentials ask?`);
  }
}

const command = new Command("npm run deploy --")
  .description(
    "Deploys the stack into the account of your credentials and checks what is live. The edge is configured with the " +
      "ids of the stack that it belongs to, so the first deploy of a stage takes two passes.",
  )
  .requiredOption("--stage <name>", "dev, staging, prod (production), or one of serverless.yml")
  .option("--region <name>", "where; only a stack in us-east-1 has an edge", "us-east-1")
  .option("--param <key=value...>", "appDomain and certificateArn for a web domain of your own, priceClass, ...")
  .option("--allow-removal <logicalId...>", "a table, queue, bucket or user pool that may be removed or replaced")
  .option("--aws-profile <name>", "whose credentials; by default those of the environment")
  .addHelpText(
    "after",
    `
Examples:
  npm run deploy -- --stage prod
  npm run deploy -- --stage prod --param appDomain=app.example.com --param certificateArn=arn:aws:acm:us-east-1:...

It exits with 1 when the deploy fails, or when functions, user pool and edge do not fit together afterwards.`,
  )
  .action(deploy);

await run(command);
