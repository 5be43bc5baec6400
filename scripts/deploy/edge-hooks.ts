import { join } from "node:path";
import { UserError } from "../api/user-error.ts";
import { isAtTheEdge } from "../service/at-the-edge.ts";
import { type Choice, choiceLine, chooseConfiguration } from "./choose-configuration.ts";
import type { AwsAccess } from "./deployed-stack.ts";
import { configurationText } from "./edge-configuration.ts";
import { bakedInto } from "./edge-package.ts";
import { losses, refuseLosses } from "./losses.ts";
import { type Template, trimTemplate } from "./trim-template.ts";
import { type DomainSettings, ownDomain } from "./web-domain.ts";

/** What is used of the framework. */
export interface EdgeService {
  getProvider(name: "aws"): {
    naming: { getStackName(): string };
    getRegion(): string;
    getAwsSdkV3Config(): Promise<AwsAccess>;
  };
  classes: { Error: new (message: string, code: string) => Error };
  service: {
    custom?: DomainSettings;
    functions: Readonly<Record<string, { events?: readonly object[] }>>;
    provider: { environment?: Record<string, unknown>; compiledCloudFormationTemplate?: Template };
  };
}

/** Options of the command line. */
export interface CommandOptions {
  /** Packages made before, of `sls deploy --package`. */
  package?: string;
  /** The one function of `sls deploy function`. */
  function?: string;
}

/** Of `--allow-removal`, which the framework would not take. */
const REMOVALS = "ENCELADUS_ALLOW_REMOVAL";

function allowedRemovals(): string[] {
  return (process.env[REMOVALS] ?? "").split(",").filter(Boolean);
}

/** Lets the framework's command remove or replace these resources. */
export function allowRemovals(logicalIds: readonly string[]): void {
  process.env[REMOVALS] = logicalIds.join(",");
}

type Hooks = Record<string, () => Promise<void>>;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Keys of the functions at the edge: none in a region that has no edge. */
function edgeKeys({ service }: EdgeService): string[] {
  return Object.entries(service.functions)
    .filter(([, { events }]) => isAtTheEdge(events))
    .map(([key]) => key);
}

async function deployedConfiguration(serverless: EdgeService) {
  const stack = await import("./deployed-stack.ts");
  const provider = serverless.getProvider("aws");
  return stack.deployedConfiguration(await provider.getAwsSdkV3Config(), provider.naming.getStackName());
}

const choices = new WeakMap<EdgeService, Promise<Choice>>();

function choiceFor(serverless: EdgeService): Promise<Choice> {
  const domain = ownDomain(serverless.service.custom ?? {});
  const choice =
    choices.get(serverless) ??
    chooseConfiguration(process.env.ENCELADUS_EDGE, domain, () => deployedConfiguration(serverless));
  choices.set(serverless, choice);
  return choice;
}

/** What is baked into the edge that this command packages; the stack is asked once. */
export async function edgeText(serverless: EdgeService): Promise<string> {
  return configurationText((await choiceFor(serverless)).configuration);
}

/** Says what the edge will know, and lets the API take calls of the pages of the same web origin. */
async function settle(serverless: EdgeService): Promise<void> {
  const { provider } = serverless.service;
  const aws = serverless.getProvider("aws");
  if (edgeKeys(serverless).length === 0) {
    say(
      `A stack in ${aws.getRegion()} has no edge and no distribution: Lambda@Edge is declared in us-east-1. ` +
        `The API takes calls of ${String(provider.environment?.CORS_ORIGIN)}; --param appDomain=... names another domain.`,
    );
    return;
  }
  const choice = await choiceFor(serverless);
  say(choiceLine(choice, aws.naming.getStackName()));
  const { configuration } = choice;
  if (configuration) provider.environment = { ...provider.environment, CORS_ORIGIN: configuration.appOrigin };
}

/** A package that was made without the account knows no client: it must not take the place of an edge that does. */
async function refuseOtherEdge(serverless: EdgeService, directory: string): Promise<void> {
  const [key] = edgeKeys(serverless);
  const deployed = key === undefined ? undefined : await deployedConfiguration(serverless);
  if (!deployed || bakedInto(join(directory, `${key}.zip`))?.clientId === deployed.clientId) return;
  throw new UserError(
    `The edge in ${directory} is not configured for the deployed stack. Package it again, with access to the account.`,
  );
}

/** Compares what is about to be deployed with what is, before anything is sent. */
async function refuseLostData(serverless: EdgeService): Promise<void> {
  const packaged = serverless.service.provider.compiledCloudFormationTemplate;
  if (!packaged) return;
  const { deployedTemplate } = await import("../template/deployed-template.ts");
  const provider = serverless.getProvider("aws");
  const deployed = await deployedTemplate(await provider.getAwsSdkV3Config(), provider.naming.getStackName());
  if (deployed) refuseLosses(losses(deployed, packaged), allowedRemovals());
}

/**
 * The hooks that give the edge its configuration while it is packaged, and keep the stack from getting another one, or
 * from losing what holds data.
 */
export function edgeHooks(serverless: EdgeService, options: CommandOptions): Hooks {
  const orUserError = (step: () => Promise<void>) => async () => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new serverless.classes.Error(error.message, "EDGE_CONFIGURATION");
    }
  };
  return {
    "before:package:initialize": orUserError(() => settle(serverless)),
    "before:package:finalize": async () => {
      const template = serverless.service.provider.compiledCloudFormationTemplate;
      if (template) trimTemplate(template, edgeKeys(serverless));
    },
    "before:deploy:deploy": orUserError(async () => {
      if (options.package !== undefined) await refuseOtherEdge(serverless, options.package);
      await refuseLostData(serverless);
    }),
    "before:deploy:function:initialize": orUserError(async () => {
      if (options.function === undefined || !edgeKeys(serverless).includes(options.function)) return;
      throw new UserError(
        `The distribution names a version of ${options.function}: deploy the stack (npm run deploy).`,
      );
    }),
  };
}
