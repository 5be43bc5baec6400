import { relative, resolve } from "node:path";
import { build, transform } from "esbuild";
import { LAYER_TARGET, type LayerFile } from "./layer-file.ts";
import { onlyUsed, USED } from "./only-used.ts";
import { packageOf, runtimeDependencies } from "./runtime-dependencies.ts";
import type { UsedNames } from "./used-names.ts";

/** Where the pieces lie that several dependencies have in common. */
const COMMON = "@enceladus/layer";

async function asCommonJs(module: string): Promise<string> {
  const { code } = await transform(module, { ...LAYER_TARGET, format: "cjs" });
  return code;
}

function manifestOf(name: string): LayerFile {
  const manifest = { name, version: runtimeDependencies[name], type: "commonjs", main: "index.js" };
  return { path: `${name}/package.json`, text: `${JSON.stringify(manifest, null, 2)}\n` };
}

/**
 * The runtime dependencies as the layer holds them. They are bundled together as ES modules, because only then does
 * the bundler put what several have in common (the core of the AWS SDK) into files of its own, loaded once, and what
 * they import dynamically into files that are not read before they are needed. Each file is then turned into CommonJS,
 * since under Lambda /opt is searched for require() only.
 * @param root the repository
 * @param used the modules to build and the names that must be there
 */
export async function dependencyFiles(root: string, used: ReadonlyMap<string, UsedNames>): Promise<LayerFile[]> {
  const outdir = resolve(root, ".build/layer-files");
  const { outputFiles } = await build({
    ...LAYER_TARGET,
    entryPoints: [...used.keys()].map((module) => ({ in: `${USED}${module}`, out: `${module}/index` })),
    plugins: [onlyUsed(root, used)],
    absWorkingDir: root,
    outdir,
    bundle: true,
    write: false,
    splitting: true,
    format: "esm",
    supported: {},
    // The ES modules of a package leave out what nobody imports; its CommonJS cannot.
    mainFields: ["module", "main"],
    chunkNames: `${COMMON}/[hash]`,
  });
  const scripts = outputFiles.map(async ({ path, text }) => ({
    path: relative(outdir, path),
    text: await asCommonJs(text),
  }));
  const packages = [...new Set([...used.keys()].map(packageOf))];
  return [...(await Promise.all(scripts)), ...packages.map(manifestOf)];
}
