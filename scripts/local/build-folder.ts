import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./data-folder.ts";

/** A plugin of the framework, as far as it is the bundler. */
interface Bundler {
  workDirPath?: string;
}

/** Where the bundler of this run works: a folder named by the id of the process. */
function workFolder(plugins: readonly object[]): string | undefined {
  const bundler = plugins.find((plugin) => plugin.constructor.name === "EsbuildServerlessPlugin") as
    | Bundler
    | undefined;
  return bundler?.workDirPath;
}

/** Removes the bundles of this run when the process ends, and now those of runs that could not do that any more. */
export function sweepBundles(plugins: readonly object[]): void {
  const folder = workFolder(plugins);
  if (!folder || basename(folder) !== String(process.pid)) return;
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    if (/^\d+$/.test(name) && !isAlive(Number(name))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
