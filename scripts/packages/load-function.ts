import { checkSignIn, isConfigurationError, type Opt, visit } from "./check-sign-in.ts";
import { programOf, type Run, runFresh } from "./fresh-process.ts";
import { gatewayEvent } from "./gateway-event.ts";
import { type LoadFinding, notLoaded } from "./load-finding.ts";
import { EMPTY_BATCH, isBatchAnswer, probe, takesBatches } from "./sign-of-life.ts";
import { newPerson } from "./signed-in.ts";
import type { UnpackedFunction } from "./unpack.ts";

/** Zip bytes that a function may have without the layer. */
const MAX_ZIP_BYTES = 60 * 1024;

interface Answer {
  statusCode?: number;
  headers?: Record<string, string>;
  body?: string;
}

function isRefusal({ statusCode, headers, body }: Answer): boolean {
  if (statusCode !== 401 || headers?.["Cache-Control"] !== "no-store" || !body) return false;
  const { success, error, error_envelope } = JSON.parse(body) as Record<string, unknown>;
  return success === false && typeof error === "string" && typeof error_envelope === "object";
}

/** Of a function that has not been told which user pool it belongs to. */
const NO_POOL = { COGNITO_USER_POOL_ID: "", COGNITO_CLIENT_ID: "" };

function judge(path: string, run: Run): LoadFinding[] {
  if (run.exitCode !== 0) return [notLoaded(path, run)];
  const [preflight = {}, refusal = {}, unknown = {}]: Answer[] = run.answers;
  const findings: LoadFinding[] = [];
  if (preflight.statusCode !== 204 || preflight.body !== "") {
    findings.push({ code: "NO_PREFLIGHT", path, detail: JSON.stringify(preflight) });
  }
  if (!isRefusal(refusal)) findings.push({ code: "NOT_REFUSED", path, detail: JSON.stringify(refusal) });
  if (!isConfigurationError(unknown)) {
    findings.push({ code: "WRONG_FAILURE", path, detail: `without a user pool: ${JSON.stringify(unknown)}` });
  }
  return findings;
}

async function checkBatches(unpacked: UnpackedFunction, nodePath: string): Promise<LoadFinding[]> {
  const run = await runFresh(programOf(unpacked, nodePath), [EMPTY_BATCH]);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const [answer] = run.answers;
  if (isBatchAnswer(answer)) return [];
  return [{ code: "NOT_LOADED", path: unpacked.key, detail: `answers no batch: ${JSON.stringify(answer)}` }];
}

async function check(unpacked: UnpackedFunction, opt: Opt): Promise<LoadFinding[]> {
  if (takesBatches(unpacked.events)) return checkBatches(unpacked, opt.nodePath);
  const request = probe(unpacked.events);
  if (!request) {
    const run = await runFresh(programOf(unpacked, opt.nodePath), []);
    return run.exitCode === 0 ? [] : [notLoaded(unpacked.key, run)];
  }
  const events = [gatewayEvent({ ...request, method: "OPTIONS" }), gatewayEvent(request), visit(newPerson().good)];
  const findings = judge(unpacked.key, await runFresh(programOf(unpacked, opt.nodePath, NO_POOL), events));
  // What does not load or lets strangers in has nothing more to show.
  return findings.some(({ code }) => code !== "WRONG_FAILURE")
    ? findings
    : [...findings, ...(await checkSignIn(unpacked, opt))];
}

/**
 * What the package of a function in the region has to do before it may be deployed.
 * @param opt the layer, as it lies under /opt
 */
export async function loadFunction(unpacked: UnpackedFunction, opt: Opt): Promise<LoadFinding[]> {
  const findings = await check(unpacked, opt);
  if (unpacked.hasLayer && unpacked.zipBytes > MAX_ZIP_BYTES) {
    findings.push({ code: "TOO_LARGE", path: unpacked.key, detail: `${unpacked.zipBytes} bytes zipped` });
  }
  return findings;
}
