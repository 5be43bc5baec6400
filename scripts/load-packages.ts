import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import pLimit from "p-limit";
import { layBrokenLayer } from "./packages/check-sign-in.ts";
import { loadEdge } from "./packages/load-edge.ts";
import type { LoadFinding } from "./packages/load-finding.ts";
import { loadFunction } from "./packages/load-function.ts";
import { packageService, readPackages } from "./packages/package-service.ts";
import { unpackService } from "./packages/unpack.ts";
import { ROOT } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";

const ALLOW_LIST = join(ROOT, "resources/guard-allow-list.json");

/**
 * Unpacks every function and the layer as Lambda does, loads each handler in a process of its own, and has each do what
 * it must: HTTP functions answer a preflight (204) and a call without a credential (401), tell a good token from a
 * tampered one wherever the cookie is, and fail with CONFIGURATION_ERROR where they cannot tell; those behind queues and
 * streams answer a batch; the edge lets nobody in until it is configured.
 * @param packages a folder that `sls package --package` filled; packed afresh when left out
 */
export async function loadPackages(packages?: string): Promise<{ loaded: number; findings: LoadFinding[] }> {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-load-"));
  try {
    const allowed = new AllowList(JSON.parse(readFileSync(ALLOW_LIST, "utf8")) as Exception[]);
    const service = packages ? readPackages(packages) : await packageService(join(directory, "packages"), "prod");
    const { functions, nodePath } = unpackService(service, directory);
    const brokenNodePath = layBrokenLayer(join(directory, "opt"), join(directory, "broken-opt"));
    const limit = pLimit(4);
    const findings = await limit.map([...functions], async (found) => {
      const all = found.isAtTheEdge ? await loadEdge(found) : await loadFunction(found, { nodePath, brokenNodePath });
      return all.filter(({ code }) => !allowed.allows(code, found.name));
    });
    return { loaded: functions.length, findings: findings.flat() };
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
