import { runtimeDependencies } from "./layer/runtime-dependencies.ts";

interface ServerlessLike {
  processedInput?: { commands?: string[] };
}

/**
 * How a function is bundled. Deployed, the runtime dependencies and the shared code come from the layer and stay
 * external; locally there is no layer, so they are bundled in.
 */
function esbuildOptions(serverless: ServerlessLike) {
  const isLocal = serverless.processedInput?.commands?.[0] === "offline";
  const deployed = {
    external: ["@enceladus/*", ...Object.keys(runtimeDependencies)],
    // Only require() looks into the layer; see scripts/layer/layer-file.ts for both.
    supported: { "dynamic-import": false },
    define: { "process.env.ENCELADUS_LOCAL": '"false"' },
  };
  return {
    bundle: true,
    minify: !isLocal,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    outputFileExtension: ".cjs",
    sourcemap: isLocal ? "inline" : false,
    // Nothing of node_modules is packed beside the bundle: all of it is either inside or in the layer.
    exclude: ["*"],
    packager: "npm",
    // Each run has its own work folder: packaging beside a running `npm start` must not sweep its bundles away.
    outputWorkFolder: `.esbuild/${process.pid}`,
    ...(isLocal ? { external: [] } : deployed),
  };
}

// serverless-esbuild loads this file with require(); this is how a module answers that with a function.
export { esbuildOptions as "module.exports" };
