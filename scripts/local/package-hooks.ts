import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type CommandOptions, type EdgeService, edgeHooks } from "../deploy/edge-hooks.ts";
import { startCloudFormation } from "./cloudformation-double.ts";

type Hooks = Record<string, () => Promise<void>>;

const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
] as const;

/** Whether somebody has set this machine up to talk to AWS, or to a stand-in of their own. */
function hasAws(environment: NodeJS.ProcessEnv): boolean {
  if (CREDENTIAL_VARIABLES.some((name) => environment[name])) return true;
  if (environment.AWS_ENDPOINT_URL || environment.AWS_ENDPOINT_URL_CLOUDFORMATION) return true;
  const credentials = environment.AWS_SHARED_CREDENTIALS_FILE ?? join(homedir(), ".aws", "credentials");
  const config = environment.AWS_CONFIG_FILE ?? join(homedir(), ".aws", "config");
  return existsSync(credentials) || existsSync(config);
}

async function standInForAws(): Promise<void> {
  if (hasAws(process.env)) return;
  const { url } = await startCloudFormation();
  process.env.AWS_ACCESS_KEY_ID = "local";
  process.env.AWS_SECRET_ACCESS_KEY = "local";
  // With a layer declared, the framework asks CloudFormation for the one that is deployed.
  process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = url;
}

async function buildSharedLayer(): Promise<string> {
  const { buildLayer } = await import("../build-layer.ts");
  return (await buildLayer()).digest;
}

/** Says in the template which layer it is, so that two templates with the same description have the same layer. */
async function describeLayer(serverless: EdgeService): Promise<void> {
  const { Properties } = serverless.service.provider.compiledCloudFormationTemplate?.Resources.SharedLambdaLayer ?? {};
  if (!Properties) return;
  const { descriptionOf } = await import("../attach-layer/layer-version.ts");
  Properties.Description = descriptionOf({ digest: await buildSharedLayer() });
}

/**
 * The hooks that let `sls package` work from a clean checkout: the shared layer is built, without an AWS account a
 * double answers what the framework asks AWS, and the edge gets its configuration.
 * @param command the first word after `sls`
 */
export function packageHooks(command: string | undefined, serverless: EdgeService, options: CommandOptions): Hooks {
  const edge = edgeHooks(serverless, options);
  return {
    ...edge,
    ...(command === "package" && { initialize: standInForAws }),
    "before:package:cleanup": async () => {
      await buildSharedLayer();
    },
    "before:package:finalize": async () => {
      await edge["before:package:finalize"]?.();
      await describeLayer(serverless);
    },
  };
}
