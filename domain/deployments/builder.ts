import type { Build, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { settings } from "./settings.ts";

let client: CodeBuildClient | undefined;

async function codebuild() {
  const { BatchGetBuildsCommand, CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand } = await import(
    "@aws-sdk/client-codebuild"
  );
  client ??= new CodeBuildClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  return { client, BatchGetBuildsCommand, ListBuildsForProjectCommand, StartBuildCommand };
}

/** What is to be built, and for whom. */
export interface BuildOrder {
  projectId: string;
  specId: string;
  /** `<bucket>/<key>` of the archive. */
  sourceKey: string;
}

/** Whether the builder took an order. */
export type Started = { buildId: string } | { refused: string };

const PASSING = new Set(["AccountLimitExceededException", "RequestTimeout"]);

/**
 * Whether the builder has said no for good. Throttling, a limit of the account, an error of AWS's own or a lost answer
 * pass, and after a lost answer a build may well be running: to take those for a refusal would let the same version be
 * built twice.
 */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $metadata, $retryable, name } = error as Error & {
    $metadata?: { httpStatusCode?: number };
    $retryable?: object;
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && status !== 429 && !$retryable && !PASSING.has(name) && !/thrott/i.test(name);
}

/**
 * Starts a build. An order that is repeated within five minutes gets the same build: the token stands for the spec, and
 * for the project, since specs of two projects may have one id.
 * @throws the AWS error where it is not known whether a build was started, or one may be later
 */
export async function startBuild({ projectId, specId, sourceKey }: BuildOrder): Promise<Started> {
  const variables = {
    DEPLOY_SPEC_ID: specId,
    DEPLOY_PROJECT_ID: projectId,
    DEPLOY_TABLE: settings.table(),
    DEPLOY_CONFIG_BUCKET: settings.bucket(),
    DEPLOY_CONFIG_PREFIX: settings.configPrefix(),
    DEPLOY_SOURCE_KEY: sourceKey,
  };
  const { client, StartBuildCommand } = await codebuild();
  try {
    const { build } = await client.send(
      new StartBuildCommand({
        projectName: settings.builder(),
        idempotencyToken: `${specId}:${projectId}`,
        environmentVariablesOverride: Object.entries(variables).map(([name, value]) => ({
          name,
          value,
          type: "PLAINTEXT" as const,
        })),
      }),
    );
    if (!build?.id) throw new Error("the builder named no build");
    return { buildId: build.id };
  } catch (error) {
    if (isRefusal(error)) return { refused: `${error.name}: ${error.message}` };
    throw error;
  }
}

/** A build as the builder tells of it; undefined where it knows of none. @throws the AWS error after the client's retries */
export async function readBuild(buildId: string): Promise<Build | undefined> {
  const { client, BatchGetBuildsCommand } = await codebuild();
  const { builds } = await client.send(new BatchGetBuildsCommand({ ids: [buildId] }));
  return builds?.[0];
}

function variableOf(build: Build, name: string): string | undefined {
  return build.environment?.environmentVariables?.find((variable) => variable.name === name)?.value;
}

/**
 * The latest build of a spec; undefined if there is none.
 * @param since when the spec was made: no older build can be its own
 * @throws the AWS error after the client's retries
 */
export async function findBuild({ projectId, specId }: BuildOrder, since: Date): Promise<Build | undefined> {
  const { client, BatchGetBuildsCommand, ListBuildsForProjectCommand } = await codebuild();
  // Clocks differ a little.
  const oldest = since.getTime() - 60_000;
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new ListBuildsForProjectCommand({ projectName: settings.builder(), sortOrder: "DESCENDING", nextToken }),
    );
    const ids = page.ids ?? [];
    const { builds = [] } = ids.length > 0 ? await client.send(new BatchGetBuildsCommand({ ids })) : {};
    const own = builds.find(
      (build) => variableOf(build, "DEPLOY_SPEC_ID") === specId && variableOf(build, "DEPLOY_PROJECT_ID") === projectId,
    );
    if (own) return own;
    if (builds.some(({ startTime }) => startTime !== undefined && startTime.getTime() < oldest)) return undefined;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}
