import { resolve } from "node:path";
import type { Plugin, PluginBuild } from "esbuild";
import { onlyUsed } from "../layer/only-used.ts";
import { OWN_PACKAGES } from "../layer/own-files.ts";
import { isRuntimeDependency } from "../layer/runtime-dependencies.ts";
import { usedNames } from "../layer/used-names.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = "functions/auth-edge/";

/** Whether a function is bundled for the edge, which has neither layer nor environment. */
export function isForTheEdge({ initialOptions: { entryPoints } }: PluginBuild): boolean {
  const [entry] = Array.isArray(entryPoints) ? entryPoints : [];
  return typeof entry === "string" && entry.includes(FOLDER);
}

/** A library that is imported when it is needed comes as a whole, unless the bundler is told what is taken of it. */
const takeOnlyUsed = (bundler: PluginBuild): void => {
  const sources = [`${FOLDER}**/*.ts`, ...Object.values(OWN_PACKAGES).map((folder) => `${folder}/*.ts`)];
  const used = usedNames(ROOT, sources, isRuntimeDependency);
  bundler.onResolve({ filter: /^[^./]/ }, ({ path, namespace }) => {
    const names = used.get(path);
    return namespace === "used" || names === undefined || names === "all" ? undefined : { path, namespace: "used" };
  });
  onlyUsed(ROOT, used).setup(bundler);
};

/**
 * Bundles what the edge needs of the shared code and the dependencies into it, and its configuration as a constant.
 * @param text asks for the configuration, when the edge is bundled
 */
export function bundleForTheEdge(text: () => Promise<string>): Plugin {
  return {
    name: "at-the-edge",
    async setup(bundler) {
      if (!isForTheEdge(bundler)) return;
      takeOnlyUsed(bundler);
      const configuration = JSON.stringify(await text());
      // A new object: other functions are bundled with the same options at the same time.
      const { define } = bundler.initialOptions;
      bundler.initialOptions.define = { ...define, "process.env.ENCELADUS_EDGE": configuration };
    },
  };
}
