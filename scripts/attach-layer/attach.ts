import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";

/** Seconds that Lambda may take to bring a change about. */
const LONGEST_UPDATE = 120;
/** So often a function is looked at anew that somebody else is changing. */
const MOST_TRIES = 5;
const CHANGED_MEANWHILE = new Set(["PreconditionFailedException", "ResourceConflictException"]);

export interface Attached {
  status: "already" | "attached" | "would_attach";
  /** The version that it had. */
  previous: string | null;
}

class NotAsItShouldBe extends Error {
  override readonly name = "NotAsItShouldBe";
}

/** What went wrong at a function, with the version that it had before anything was done to it. */
export class AttachFailure extends Error {
  readonly previous: string | null;

  constructor(cause: unknown, previous: string | null) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.previous = previous;
  }
}

/** The ARN of a layer without its version. */
function layerOf(versionArn: string): string {
  return versionArn.slice(0, versionArn.lastIndexOf(":"));
}

function layersOf({ Layers = [] }: FunctionConfiguration): string[] {
  return Layers.map(({ Arn = "" }) => Arn);
}

/**
 * The layers of a function with a version of one of them exchanged. Order matters: a later one covers an earlier one.
 * @param version the ARN of the version
 */
export function withVersion(layers: readonly string[], version: string): string[] {
  const isSame = (arn: string) => layerOf(arn) === layerOf(version);
  return layers.some(isSame) ? layers.map((arn) => (isSame(arn) ? version : arn)) : [...layers, version];
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

async function configurationOf(client: LambdaClient, FunctionName: string): Promise<FunctionConfiguration> {
  return client.send(new GetFunctionConfigurationCommand({ FunctionName }));
}

async function untilUpdated(client: LambdaClient, FunctionName: string): Promise<void> {
  await waitUntilFunctionUpdated({ client, maxWaitTime: LONGEST_UPDATE, minDelay: 1, maxDelay: 5 }, { FunctionName });
}

/** @throws NotAsItShouldBe when a function is not what it should be after its change */
function checkSettled(after: FunctionConfiguration, expected: readonly string[]): void {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = after;
  if (LastUpdateStatus !== "Successful") {
    throw new NotAsItShouldBe(`its last update is ${LastUpdateStatus}: ${LastUpdateStatusReason ?? "no reason given"}`);
  }
  if (State !== "Active") throw new NotAsItShouldBe(`it is ${State}: ${StateReason ?? "no reason given"}`);
  const layers = layersOf(after);
  if (!isEqual(layers, expected)) {
    throw new NotAsItShouldBe(
      `it has the layers ${layers.join(", ") || "none"}, and should have ${expected.join(", ")}`,
    );
  }
}

/** Makes the change, unless there is nothing to change. @returns false where somebody else has just made another one */
async function change(client: LambdaClient, before: FunctionConfiguration, wanted: string[]): Promise<boolean> {
  const { FunctionName, RevisionId } = before;
  if (isEqual(layersOf(before), wanted)) return true;
  try {
    // Only of what was read: somebody may be changing the function at the same time.
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: wanted, RevisionId }));
    return true;
  } catch (error) {
    if (error instanceof Error && CHANGED_MEANWHILE.has(error.name)) return false;
    throw error;
  }
}

/**
 * Has a function use a version of a layer, and sees to it that it does.
 * @param version the ARN of the version; undefined where it has yet to be published, in a dry run
 * @throws AttachFailure when Lambda refuses, or the function is not as it should be afterwards
 */
export async function attach(
  client: LambdaClient,
  functionName: string,
  version: string | undefined,
  dryRun: boolean,
): Promise<Attached> {
  let previous: string | null = null;
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = await configurationOf(client, functionName);
      if (version === undefined) return { status: "would_attach", previous };
      const wanted = withVersion(layersOf(before), version);
      const isThere = isEqual(layersOf(before), wanted);
      previous = layersOf(before).find((arn) => layerOf(arn) === layerOf(version)) ?? null;
      if (dryRun) return { status: isThere ? "already" : "would_attach", previous };
      const isChanged = await change(client, before, wanted);
      await untilUpdated(client, functionName);
      if (!isChanged) continue;
      checkSettled(await configurationOf(client, functionName), wanted);
      return { status: isThere ? "already" : "attached", previous };
    }
    throw new NotAsItShouldBe("somebody else goes on changing it");
  } catch (error) {
    throw new AttachFailure(error, previous);
  }
}
