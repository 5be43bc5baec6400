import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./resolved-config.ts";

/** The texts of generated files, by their paths in the repository. */
export type GeneratedFiles = ReadonlyMap<string, string>;

function current(file: string): string | undefined {
  try {
    return readFileSync(join(ROOT, file), "utf8");
  } catch {
    return undefined;
  }
}

/** Those that are not what they should be, in the repository as it is. */
export function staleAmong(files: GeneratedFiles): string[] {
  return [...files].filter(([file, text]) => current(file) !== text).map(([file]) => file);
}

/** @returns the paths of what was written */
export function writeAll(files: GeneratedFiles): string[] {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  return [...files.keys()];
}

/**
 * Writes generated files, or with `check` says which are stale, and lets the process fail where any is.
 * @param command the npm script that writes them
 */
export function writeOrCheck(files: GeneratedFiles, command: string, check = false): void {
  if (!check) {
    for (const file of writeAll(files)) console.log(file);
    return;
  }
  const stale = staleAmong(files);
  for (const file of stale) console.error(`${file} is stale: run \`npm run ${command}\``);
  process.exitCode = stale.length > 0 ? 1 : 0;
}
