import type { Plugin } from "esbuild";
import { LAYER_ENTRY } from "../layer/own-files.ts";
import { isRuntimeDependency } from "../layer/runtime-dependencies.ts";
import { isForTheEdge } from "./at-the-edge.ts";

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

/**
 * How a function's bundle gets at the layer: every import of shared code or of a runtime dependency becomes a property
 * of the layer's one entry. The runtime then looks for one name in its search path, where it would look for twenty.
 */
export const fromLayer: Plugin = {
  name: "from-layer",
  setup(bundler) {
    if (isForTheEdge(bundler)) return;
    bundler.onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (path === LAYER_ENTRY) return { path, external: true };
      const isShared = path.startsWith("@enceladus/");
      return isShared || isRuntimeDependency(path) ? { path, namespace: "layer" } : undefined;
    });
    bundler.onLoad({ filter: /.*/, namespace: "layer" }, ({ path }) => ({ contents: propertyOfTheLayer(path) }));
  },
};
