import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import pLimit from "p-limit";
import { programOf, type Run, runFresh } from "./packages/fresh-process.ts";
import { gatewayEvent, httpRoute, pathOf } from "./packages/gateway-event.ts";
import { packageService, readPackages } from "./packages/package-service.ts";
import { type UnpackedFunction, unpackService } from "./packages/unpack.ts";

/** A function that does not do what it must right after its deploy. */
export interface LoadFinding {
  code: "NOT_LOADED" | "NO_PREFLIGHT" | "NOT_REFUSED" | "TOO_LARGE";
  path: string;
  detail: string;
}

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

function judge(path: string, isHttp: boolean, { answers, exitCode, errors }: Run): LoadFinding[] {
  if (exitCode !== 0) {
    return [{ code: "NOT_LOADED", path, detail: errors.trim().split("\n").slice(0, 12).join("\n") }];
  }
  if (!isHttp) return [];
  const [preflight = {}, refusal = {}]: Answer[] = answers;
  const findings: LoadFinding[] = [];
  if (preflight.statusCode !== 204 || preflight.body !== "") {
    findings.push({ code: "NO_PREFLIGHT", path, detail: JSON.stringify(preflight) });
  }
  if (!isRefusal(refusal)) findings.push({ code: "NOT_REFUSED", path, detail: JSON.stringify(refusal) });
  return findings;
}

async function load(unpacked: UnpackedFunction, nodePath: string): Promise<LoadFinding[]> {
  const request = probe(unpacked);
  const events = request ? [gatewayEvent({ ...request, method: "OPTIONS" }), gatewayEvent(request)] : [];
  const findings = judge(unpacked.key, request !== undefined, await runFresh(programOf(unpacked, nodePath), events));
  if (unpacked.hasLayer && unpacked.zipBytes > MAX_ZIP_BYTES) {
    findings.push({ code: "TOO_LARGE", path: unpacked.key, detail: `${unpacked.zipBytes} bytes zipped` });
  }
  return findings;
}

/**
 * Unpacks every function and the layer as Lambda does, loads each handler in a process of its own, and has each HTTP
 * function answer a preflight (204) and a call without a credential (401).
 * @param packages a folder that `sls package --package` filled; packed afresh when left out
 */
export async function loadPackages(packages?: string): Promise<{ loaded: number; findings: LoadFinding[] }> {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-load-"));
  try {
    const service = packages ? readPackages(packages) : await packageService(join(directory, "packages"));
    const unpacked = unpackService(service, directory);
    const limit = pLimit(4);
    const findings = await limit.map([...unpacked.functions], (found) => load(found, unpacked.nodePath));
    return { loaded: unpacked.functions.length, findings: findings.flat() };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const options = new Command("guard:load")
    .description("Loads every packaged function as Lambda would")
    .option("--package <directory>", "packages made before by `sls package --package <directory>`")
    .option("--json", "print the findings as JSON")
    .parse()
    .opts<{ package?: string; json?: boolean }>();
  const { loaded, findings } = await loadPackages(options.package);
  if (options.json) console.log(JSON.stringify({ ok: findings.length === 0, loaded, findings }));
  else for (const { code, path, detail } of findings) console.error(`${code} ${path}: ${detail}`);
  if (!options.json) console.log(`${loaded} packaged functions loaded, ${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
