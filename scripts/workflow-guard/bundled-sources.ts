import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { runtimeDependencies } from "../layer/runtime-dependencies.ts";

/** What a function's own bundle is made of, as the bundler sees it. */
export interface Bundle {
  /** Files of the repository, sorted: a change in any of them changes the function. */
  sources: string[];
  /** What is imported of the layer. */
  imports: string[];
}

/**
 * Bundles a function and tells what went in. The layer's code is not among it, unless the function has no layer.
 * @param root the repository
 * @param source the handler's file
 * @throws Error when it cannot be bundled
 */
export async function bundleOf(root: string, source: string, hasLayer: boolean): Promise<Bundle> {
  if (!existsSync(join(root, source))) return { sources: [], imports: [] };
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
  const sources = Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith("node_modules/") && !input.startsWith("../"))
    .sort();
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  return { sources, imports: [...new Set(imported.filter(({ external }) => external).map(({ path }) => path))].sort() };
}

/** The files of the repository in a function's bundle alone: see `bundleOf`. */
export async function bundledSources(root: string, source: string, hasLayer: boolean): Promise<string[]> {
  return (await bundleOf(root, source, hasLayer)).sources;
}
