import type { InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { jsonObject } from "./config-store.ts";
import type { PreDeployHook } from "./deployment-type.ts";
import type { HookResult } from "./non-ui-config.ts";
import { settings } from "./settings.ts";

/** All hooks of a request together; the rest of the function's time is for the request itself. */
const HOOKS_MS = 20_000;
/** A result is kept in the row of its request. */
const MOST_RESULT_BYTES = 64 * 1024;

let client: LambdaClient | undefined;

/** Invokes a function and waits for its answer. */
async function invoke(FunctionName: string, Payload: string, abortSignal: AbortSignal): Promise<InvokeCommandOutput> {
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  client ??= new LambdaClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: HOOKS_MS, throwOnRequestTimeout: true },
  });
  return client.send(new InvokeCommand({ FunctionName, Payload }), { abortSignal });
}

/** What the function that prepares documents is invoked with: as the gateway would, but for what it does not need. */
function preparationEvent(projectId: string): string {
  return JSON.stringify({
    requestContext: { http: { method: "POST" } },
    rawPath: `/api/v1/doc-prep/${projectId}`,
    pathParameters: { projectName: projectId },
    body: JSON.stringify({ dry_run: true }),
  });
}

const didNotRun = (hook: PreDeployHook, error: string): HookResult => ({
  hook,
  success: false,
  status_code: 500,
  result: { success: false, error },
});

/** What the function has answered; undefined for what is no answer of an HTTP function. */
function answerIn(payload: Uint8Array | undefined) {
  const answer = jsonObject(Buffer.from(payload ?? []).toString("utf8"));
  const status = answer?.statusCode;
  if (typeof status !== "number") return undefined;
  return { status, body: jsonObject(String(answer?.body ?? "")) };
}

function kept(result: Readonly<Record<string, unknown>>): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(result));
  return bytes <= MOST_RESULT_BYTES ? result : { success: result.success, omitted_bytes: bytes };
}

async function prepareDocuments(projectId: string, signal: AbortSignal): Promise<HookResult> {
  const hook = "doc_prep";
  const FunctionName = settings.docPrep();
  try {
    const { FunctionError, Payload } = await invoke(FunctionName, preparationEvent(projectId), signal);
    if (FunctionError) return didNotRun(hook, "The function of the hook has failed.");
    const answer = answerIn(Payload);
    if (!answer?.body) return didNotRun(hook, "The function of the hook has given no answer that can be read.");
    const success = answer.status < 400 && answer.body.success === true;
    return { hook, success, status_code: answer.status, result: kept(answer.body) };
  } catch (error) {
    log().error("pre_deploy_hook_failed", { project_id: projectId, hook, reason: awsErrorName(error) });
    const late = signal.aborted;
    return didNotRun(hook, late ? "The hook was not done in time." : "The function of the hook could not be invoked.");
  }
}

const HOOKS: Readonly<Record<PreDeployHook, (projectId: string, signal: AbortSignal) => Promise<HookResult>>> = {
  doc_prep: prepareDocuments,
};

/**
 * Runs what has to succeed before a request is taken. The hooks change nothing, so that they may run again.
 * @param timeoutMs for all of them together
 * @returns what each came to, in their order
 * @throws DomainError CONFLICT with `pre_deploy_results` where one has failed; CONFIGURATION_ERROR
 */
export async function runHooks(
  projectId: string,
  hooks: readonly PreDeployHook[],
  timeoutMs: number = HOOKS_MS,
): Promise<HookResult[]> {
  if (hooks.length === 0) return [];
  const signal = AbortSignal.timeout(timeoutMs);
  const results: HookResult[] = [];
  for (const hook of hooks) results.push(await HOOKS[hook](projectId, signal));
  const failed = results.filter(({ success }) => !success).map(({ hook }) => hook);
  if (failed.length === 0) return results;
  throw new DomainError("CONFLICT", `The request was not taken: the pre-deploy hook ${failed.join(", ")} has failed.`, {
    pre_deploy_results: results,
    next_action: "Read pre_deploy_results, see to what the hook complains about, and send the request again.",
  });
}
