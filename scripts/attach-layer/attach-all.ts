import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { UserError } from "../api/user-error.ts";
import { signOfLife } from "../packages/sign-of-life.ts";
import { type Attached, AttachFailure, attach } from "./attach.ts";
import { type BuiltLayer, layerVersion } from "./layer-version.ts";

/** A function of the stage that lists the layer. */
export interface LayeredFunction {
  name: string;
  events: readonly Readonly<Record<string, unknown>>[];
}

export interface FunctionResult {
  function_name: string;
  status: Attached["status"] | "failed" | "not_reached";
  previous: string | null;
  /** Why it failed. */
  detail?: string;
}

/** As `--json` prints it. */
export interface AttachReport {
  ok: boolean;
  dry_run: boolean;
  layer: { name: string; digest: string; version: string | null; published: boolean };
  functions: FunctionResult[];
}

export interface AttachOptions {
  dryRun: boolean;
  /** Told of each function when it is done with. */
  onResult(result: FunctionResult, done: number, total: number): void;
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError || error instanceof AttachFailure) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** @throws UserError when the function does not answer as one does that has all it needs */
async function checkAlive(client: LambdaClient, { name, events }: LayeredFunction): Promise<void> {
  const sign = signOfLife(events);
  if (!sign) return;
  const Payload = JSON.stringify(sign.event);
  const { FunctionError, Payload: answer } = await client.send(new InvokeCommand({ FunctionName: name, Payload }));
  const text = Buffer.from(answer ?? new Uint8Array()).toString();
  if (FunctionError) throw new UserError(`it fails (${FunctionError}): ${text.slice(0, 500)}`);
  if (!sign.isGood(JSON.parse(text || "null"))) throw new UserError(`it answers wrongly: ${text.slice(0, 500)}`);
}

async function attachOne(
  client: LambdaClient,
  found: LayeredFunction,
  version: string | undefined,
  dryRun: boolean,
): Promise<FunctionResult> {
  let attached: Attached | undefined;
  try {
    attached = await attach(client, found.name, version, dryRun);
    if (!dryRun) await checkAlive(client, found);
    return { function_name: found.name, ...attached };
  } catch (error) {
    const previous = error instanceof AttachFailure ? error.previous : (attached?.previous ?? null);
    return { function_name: found.name, status: "failed", previous, detail: reasonOf(error) };
  }
}

/**
 * Publishes a layer, unless a version with the same content is there, and has one function after the other use it, each
 * seen to work before the next one is touched. It stops at the first that does not: what is wrong with the layer is then
 * wrong in one place, and the report says what has been changed, from what, and what has not.
 * @throws Error when the layer cannot be published
 */
export async function attachToAll(
  client: LambdaClient,
  layer: BuiltLayer,
  functions: readonly LayeredFunction[],
  { dryRun, onResult }: AttachOptions,
): Promise<AttachReport> {
  const { arn, published } = await layerVersion(client, layer, dryRun);
  const results: FunctionResult[] = [];
  for (const found of functions) {
    const hasFailed = results.some(({ status }) => status === "failed" || status === "not_reached");
    if (hasFailed) {
      results.push({ function_name: found.name, status: "not_reached", previous: null });
      continue;
    }
    const result = await attachOne(client, found, arn, dryRun);
    results.push(result);
    onResult(result, results.length, functions.length);
  }
  return {
    ok: results.every(({ status }) => status !== "failed"),
    dry_run: dryRun,
    layer: { name: layer.name, digest: layer.digest, version: arn ?? null, published },
    functions: results,
  };
}
