import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import pLimit from "p-limit";
import { loadEdge } from "./packages/load-edge.ts";
import type { LoadFinding } from "./packages/load-finding.ts";
import { loadFunction } from "./packages/load-function.ts";
import { nativeKind } from "./packages/native-code.ts";
import { type PackagedService, packageService, readPackages } from "./packages/package-service.ts";
import { unpackService, zipEntries } from "./packages/unpack.ts";

/** Compiled code runs on the system it was compiled for: elsewhere it fails to load, and with it what stands on it. */
function findNativeCode({ functions, layerZip }: PackagedService): LoadFinding[] {
  const zips = [
    ...functions.map(({ key, zip }) => ({ code: "NATIVE_IN_FUNCTION", name: key, zip }) as const),
    { code: "NATIVE_NOT_ALLOWED", name: "layer", zip: layerZip } as const,
  ];
  return zips.flatMap(({ code, name, zip }) =>
    zipEntries(zip).flatMap(([path, bytes]) => {
      const kind = nativeKind(path, bytes);
      return kind === undefined ? [] : [{ code, path: `${name}: ${path}`, detail: kind }];
    }),
  );
}

/**
 * Unpacks every function and the layer as Lambda does, loads each handler in a process of its own, and has each HTTP
 * function answer a preflight (204) and a call without a credential (401). The edge and the function of all other paths
 * also tell a good token from a tampered one. Nothing that is packed may be compiled code.
 * @param packages a folder that `sls package --package` filled; packed afresh when left out
 */
export async function loadPackages(packages?: string): Promise<{ loaded: number; findings: LoadFinding[] }> {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-load-"));
  try {
    const service = packages ? readPackages(packages) : await packageService(join(directory, "packages"));
    const unpacked = unpackService(service, directory);
    const limit = pLimit(4);
    const findings = await limit.map([...unpacked.functions], (found) =>
      found.isAtTheEdge ? loadEdge(found) : loadFunction(found, unpacked.nodePath),
    );
    return { loaded: unpacked.functions.length, findings: [...findNativeCode(service), ...findings.flat()] };
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
