import type { Plugin } from "esbuild";
import { LAYER_ENTRY } from "../layer/own-files.ts";
import { isRuntimeDependency } from "../layer/runtime-dependencies.ts";

/** Functions without the layer: what they import is bundled into them. */
const INLINED = ["functions/auth-edge/"];

/**
 * A function's sources are ES modules, and to those a default import of CommonJS is `module.exports`, as in Node: so the
 * default export becomes the whole of the module, with the other exports on it.
 */
function propertyOfTheLayer(module: string): string {
  return `
    const found = require(${JSON.stringify(LAYER_ENTRY)})[${JSON.stringify(module)}];
    module.exports = "default" in found
      ? Object.defineProperties(found.default, Object.getOwnPropertyDescriptors(found))
      : found;`;
}

function entryOf(entryPoints: unknown): string {
  const [entry] = Array.isArray(entryPoints) ? entryPoints : [];
  return typeof entry === "string" ? entry : "";
}

/**
 * How a function's bundle gets at the layer: every import of shared code or of a runtime dependency becomes a property
 * of the layer's one entry. The runtime then looks for one name in its search path, where it would look for twenty.
 */
export const fromLayer: Plugin = {
  name: "from-layer",
  setup(bundler) {
    const entry = entryOf(bundler.initialOptions.entryPoints);
    if (INLINED.some((folder) => entry.includes(folder))) return;
    bundler.onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (path === LAYER_ENTRY) return { path, external: true };
      const isShared = path.startsWith("@enceladus/");
      return isShared || isRuntimeDependency(path) ? { path, namespace: "layer" } : undefined;
    });
    bundler.onLoad({ filter: /.*/, namespace: "layer" }, ({ path }) => ({ contents: propertyOfTheLayer(path) }));
  },
};
