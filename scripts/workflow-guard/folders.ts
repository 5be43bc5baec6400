import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ResolvedConfig } from "../service/resolved-config.ts";
import { type Finding, finding } from "./finding.ts";
import type { Manifest } from "./manifest.ts";

/** The source file of a handler as declared: `functions/a/handler.handler` is in functions/a/handler.ts. */
export function handlerSource(handler: unknown): string {
  return `${String(handler).replace(/\.[^./]+$/, "")}.ts`;
}

/** Folders and handlers: what is declared is there, and what is there is declared. */
export function checkFolders(root: string, manifest: Manifest, config: ResolvedConfig): Finding[] {
  const entries = manifest.functions.flatMap((entry) => {
    const { function_name: name, function_key: key, lambda_dir: folder } = entry;
    if (!existsSync(join(root, folder))) return [finding("LAMBDA_DIR_MISSING", name, `${folder} does not exist`)];
    const declared = config.functions[key];
    if (!declared) return [];
    const source = handlerSource(declared.handler);
    if (!source.startsWith(`${folder}/`)) {
      return [finding("HANDLER_MISSING", name, `${String(declared.handler)} is not in ${folder}`)];
    }
    return existsSync(join(root, source)) ? [] : [finding("HANDLER_MISSING", name, `${source} does not exist`)];
  });
  const declared = new Set(Object.values(config.functions).map(({ handler }) => dirname(handlerSource(handler))));
  const orphans = globSync("functions/*/handler.ts", { cwd: root })
    .map((file) => dirname(file))
    .sort()
    .filter((folder) => !declared.has(folder));
  return [
    ...entries,
    ...orphans.map((folder) => finding("ORPHAN_FUNCTION_DIR", null, `${folder} is declared nowhere`)),
  ];
}
