import { globSync } from "node:fs";
import { basename, dirname, relative } from "node:path/posix";
import { build, type Plugin } from "esbuild";
import { LAYER_TARGET, type LayerFile } from "./layer-file.ts";
import { onlyUsed } from "./only-used.ts";
import { isForSomeRequests } from "./runtime-dependencies.ts";
import type { UsedNames } from "./used-names.ts";

/** The packages of the layer's own code, with the folder of each. */
export const OWN_PACKAGES = {
  "@enceladus/middleware": "middleware",
  "@enceladus/shared": "layers/shared/src",
} as const;

/** The one module that functions load from the layer: everything in it is a property of this one. */
export const LAYER_ENTRY = "@enceladus/layer";
const WHOLE = `${LAYER_ENTRY}/index.js`;

interface OwnModule {
  /** As functions import it, `@enceladus/shared/errors`. */
  name: string;
  /** Relative to the repository. */
  source: string;
}

function ownModules(root: string): OwnModule[] {
  return Object.entries(OWN_PACKAGES).flatMap(([name, folder]) =>
    globSync(`${folder}/*.ts`, { cwd: root })
      .sort()
      .map((source) => ({ name: `${name}/${basename(source, ".ts")}`, source })),
  );
}

/** Where the bundler finds what: own modules in the sources, small dependencies whole in this file, others beside it. */
function resolution(root: string, modules: readonly OwnModule[], dependencies: Dependencies): Plugin {
  const sources = new Map(modules.map(({ name, source }) => [name, `${root}/${source}`]));
  const later = new Map<string, ReadonlySet<string>>();
  for (const [module, names] of dependencies.large) {
    if (names !== "all" && isForSomeRequests(module)) later.set(module, names);
  }
  return {
    name: "own-code",
    setup(bundler) {
      bundler.onResolve({ filter: /^[^./]/ }, ({ path, namespace }) => {
        const source = sources.get(path);
        if (source) return { path: source };
        if (dependencies.small.has(path) && namespace !== "used") return { path, namespace: "used" };
        if (later.has(path)) return { path, namespace: "on-demand" };
        return dependencies.large.has(path) ? { path: placeOf(path), external: true } : undefined;
      });
      bundler.onResolve({ filter: /^[.]/, namespace: "on-demand" }, ({ path }) => ({ path, external: true }));
      bundler.onLoad({ filter: /.*/, namespace: "on-demand" }, ({ path }) => ({
        contents: onDemand(path, later.get(path) ?? new Set()),
      }));
    },
  };
}

/** Where a dependency lies, seen from the entry: a search by name looks through a dozen folders that do not exist. */
function placeOf(module: string): string {
  return `../../${module}/index.js`;
}

/** A stand-in for a module that loads it when one of its names is used for the first time. */
function onDemand(module: string, names: ReadonlySet<string>): string {
  const getters = [...names].sort().map((name) => `get ${name}() { return load().${name}; }`);
  return `const load = () => require(${JSON.stringify(placeOf(module))});\nmodule.exports = { ${getters.join(", ")} };`;
}

/** The runtime dependencies that are used, by how they get into the layer. */
export interface Dependencies {
  /** In the layer's entry, each to run at its first use. */
  small: ReadonlyMap<string, UsedNames>;
  /** In files of their own, which are not read before they are needed. */
  large: ReadonlyMap<string, UsedNames>;
}

/**
 * The shared code and the middleware as the layer holds them: one file that has every module once and runs each at its
 * first use, and hands out the dependencies in the same way; beside it, for each module, a line under its own name. So
 * a cold start reads one file in place of forty, a class such as DomainError exists once, and what a function does not
 * import brings none of its dependencies in.
 * @param root the repository
 */
export async function ownFiles(root: string, dependencies: Dependencies): Promise<LayerFile[]> {
  const modules = ownModules(root);
  const names = [...modules.map(({ name }) => name), ...dependencies.small.keys(), ...dependencies.large.keys()];
  const handOut = names.map((name) => {
    const quoted = JSON.stringify(name);
    return `Object.defineProperty(exports, ${quoted}, { get: () => require(${quoted}) });`;
  });
  const { outputFiles } = await build({
    ...LAYER_TARGET,
    stdin: { contents: handOut.join("\n"), resolveDir: root },
    plugins: [resolution(root, modules, dependencies), onlyUsed(root, dependencies.small)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "cjs",
    mainFields: ["module", "main"],
  });
  const whole = outputFiles.map(({ text }) => ({ path: WHOLE, text }));
  const parts = names
    .filter((name) => !dependencies.large.has(name))
    .map((name) => ({
      path: `${name}.js`,
      text: `module.exports=require(${JSON.stringify(relative(dirname(name), WHOLE))})[${JSON.stringify(name)}];\n`,
    }));
  return [...whole, ...parts];
}
