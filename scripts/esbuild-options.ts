import { readFileSync } from "node:fs";

/** The runtime dependencies, read from the one place that declares them. */
const layer = JSON.parse(readFileSync(new URL("../layers/shared/package.json", import.meta.url), "utf8")) as {
  dependencies: Record<string, string>;
};

interface ServerlessLike {
  processedInput?: { commands?: string[] };
}

/**
 * How a function is bundled. Deployed, the runtime dependencies and the shared code come from the layer and stay
 * external; locally there is no layer, so they are bundled in.
 */
function esbuildOptions(serverless: ServerlessLike) {
  const isLocal = serverless.processedInput?.commands?.[0] === "offline";
  return {
    bundle: true,
    minify: !isLocal,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    outputFileExtension: ".cjs",
    sourcemap: isLocal ? "inline" : false,
    exclude: [],
    external: isLocal ? [] : ["@enceladus/*", ...Object.keys(layer.dependencies)],
    packager: "npm",
  };
}

// serverless-esbuild loads this file with require(); this is how a module answers that with a function.
export { esbuildOptions as "module.exports" };
