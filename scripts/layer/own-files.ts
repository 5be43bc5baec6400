import { globSync } from "node:fs";
import { basename } from "node:path";
import { build, type Plugin } from "esbuild";
import { LAYER_TARGET, type LayerFile } from "./layer-file.ts";

/** The packages of the layer's own code, with the folder of each. */
export const OWN_PACKAGES = {
  "@enceladus/middleware": "middleware",
  "@enceladus/shared": "layers/shared/src",
} as const;

const WHOLE = "@enceladus/layer/own.js";

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

/** Own modules are found in the sources, all else stays outside. */
function resolution(root: string, modules: readonly OwnModule[]): Plugin {
  const sources = new Map(modules.map(({ name, source }) => [name, `${root}/${source}`]));
  return {
    name: "own-code",
    setup(bundler) {
      bundler.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const source = sources.get(path);
        return source ? { path: source } : { path, external: true };
      });
    },
  };
}

/**
 * The shared code and the middleware as the layer holds them: one file that has every module once and runs each at its
 * first use, and for each module a line that hands it out. So a cold start reads one file in place of thirty, a class
 * such as DomainError exists once, and what a function does not import brings none of its dependencies in.
 * @param root the repository
 */
export async function ownFiles(root: string): Promise<LayerFile[]> {
  const modules = ownModules(root);
  const handOut = modules.map(({ name }) => {
    const quoted = JSON.stringify(name);
    return `Object.defineProperty(exports, ${quoted}, { get: () => require(${quoted}) });`;
  });
  const { outputFiles } = await build({
    ...LAYER_TARGET,
    stdin: { contents: handOut.join("\n"), resolveDir: root },
    plugins: [resolution(root, modules)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "cjs",
    keepNames: true,
  });
  const whole = outputFiles.map(({ text }) => ({ path: WHOLE, text }));
  const parts = modules.map(({ name }) => ({
    path: `${name}.js`,
    text: `module.exports=require(${JSON.stringify(`../../${WHOLE}`)})[${JSON.stringify(name)}];\n`,
  }));
  return [...whole, ...parts];
}
