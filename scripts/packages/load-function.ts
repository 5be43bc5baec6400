import { programOf, type Run, runFresh } from "./fresh-process.ts";
import { gatewayEvent, httpRoute, pathOf } from "./gateway-event.ts";
import { type LoadFinding, notLoaded } from "./load-finding.ts";
import { cookieOf, newPerson, programFor } from "./signed-in.ts";
import type { UnpackedFunction } from "./unpack.ts";

/** Zip bytes that a function may have without the layer. */
const MAX_ZIP_BYTES = 60 * 1024;

/** The request that shows that an HTTP function lives; undefined where somebody else calls it. */
function probe({ events }: UnpackedFunction) {
  // A route with an authorizer of the gateway is refused there and never in the function.
  const routes = events.filter(({ httpApi }) => !(httpApi as { authorizer?: unknown } | undefined)?.authorizer);
  const route = routes.map(httpRoute).find((found) => found !== undefined);
  if (!route) return undefined;
  const method = route.method === "*" ? "GET" : route.method;
  return { method, path: route.path === "*" ? "/api/v1/nowhere" : pathOf(route.path) };
}

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

function judge(path: string, isHttp: boolean, run: Run): LoadFinding[] {
  if (run.exitCode !== 0) return [notLoaded(path, run)];
  if (!isHttp) return [];
  const [preflight = {}, refusal = {}]: Answer[] = run.answers;
  const findings: LoadFinding[] = [];
  if (preflight.statusCode !== 204 || preflight.body !== "") {
    findings.push({ code: "NO_PREFLIGHT", path, detail: JSON.stringify(preflight) });
  }
  if (!isRefusal(refusal)) findings.push({ code: "NOT_REFUSED", path, detail: JSON.stringify(refusal) });
  return findings;
}

/** The function of all other paths tells by its answer whether it knew who asked: only those it knows hear of a 404. */
async function checkTokens(unpacked: UnpackedFunction, nodePath: string): Promise<LoadFinding[]> {
  const person = newPerson();
  const asking = (token: string) =>
    gatewayEvent({ method: "GET", path: "/api/v1/nowhere", cookies: [cookieOf(token)] });
  const program = programFor(person, unpacked, nodePath);
  const run = await runFresh(program, [asking(person.good), asking(person.tampered)]);
  if (run.exitCode !== 0) return [notLoaded(unpacked.key, run)];
  const [good, tampered]: Answer[] = run.answers;
  if (good?.statusCode === 404 && tampered?.statusCode === 401) return [];
  return [{ code: "NOT_VERIFIED", path: unpacked.key, detail: JSON.stringify({ good, tampered }) }];
}

/** What the package of a function in the region has to do before it may be deployed. */
export async function loadFunction(unpacked: UnpackedFunction, nodePath: string): Promise<LoadFinding[]> {
  const request = probe(unpacked);
  const events = request ? [gatewayEvent({ ...request, method: "OPTIONS" }), gatewayEvent(request)] : [];
  const findings = judge(unpacked.key, request !== undefined, await runFresh(programOf(unpacked, nodePath), events));
  if (findings.length === 0 && unpacked.events.some(({ httpApi }) => httpApi === "*")) {
    findings.push(...(await checkTokens(unpacked, nodePath)));
  }
  if (unpacked.hasLayer && unpacked.zipBytes > MAX_ZIP_BYTES) {
    findings.push({ code: "TOO_LARGE", path: unpacked.key, detail: `${unpacked.zipBytes} bytes zipped` });
  }
  return findings;
}
