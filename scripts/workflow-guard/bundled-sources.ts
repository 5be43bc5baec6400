import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { runtimeDependencies } from "../layer/runtime-dependencies.ts";

/**
 * The files of the repository that end up in a function's own bundle, as the bundler sees it: a change in any of them
 * changes the function. The layer's code is not among them, unless the function has no layer.
 * @param root the repository
 * @param source the handler's file
 * @throws Error when it cannot be bundled
 */
export async function bundledSources(root: string, source: string, hasLayer: boolean): Promise<string[]> {
  if (!existsSync(join(root, source))) return [];
  const { metafile } = await build({
    entryPoints: [source],
    absWorkingDir: root,
    outdir: "unused",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "cjs",
    external: hasLayer ? ["@enceladus/*", ...Object.keys(runtimeDependencies)] : [],
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith("node_modules/") && !input.startsWith("../"))
    .sort();
}
