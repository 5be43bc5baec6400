import { existsSync, readdirSync, rmSync } from "node:fs";
import { bundleAllAtOnce } from "./bundle/all-at-once.ts";
import { bundleForTheEdge } from "./bundle/at-the-edge.ts";
import { fromLayer } from "./bundle/from-layer.ts";
import { leaveDocumentationOut } from "./bundle/without-documentation.ts";
import { type EdgeService, edgeText } from "./deploy/edge-hooks.ts";

const WORK = ".esbuild";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Takes away what runs that were ended by force left behind. */
function sweepWorkFolders(): void {
  if (!existsSync(WORK)) return;
  for (const folder of readdirSync(WORK)) {
    if (!isAlive(Number(folder))) rmSync(`${WORK}/${folder}`, { recursive: true, force: true });
  }
}

interface ServerlessLike extends EdgeService {
  processedInput?: { commands?: string[] };
  service: EdgeService["service"] & { functions: Readonly<Record<string, { handler: string }>> };
}

const handlersOf = ({ service }: ServerlessLike) => Object.values(service.functions).map(({ handler }) => handler);

/**
 * How a function is bundled. Deployed, the runtime dependencies and the shared code come from the layer; locally there
 * is none, so they are bundled in.
 */
function esbuildOptions(serverless: ServerlessLike) {
  sweepWorkFolders();
  const isLocal = serverless.processedInput?.commands?.[0] === "offline";
  const deployed = {
    plugins: [fromLayer, bundleForTheEdge(() => edgeText(serverless)), leaveDocumentationOut],
    // The ES modules of a library, where it has them: of those the bundler takes what is used.
    mainFields: ["module", "main"],
    // Only require() looks into the layer; see scripts/layer/layer-file.ts for both.
    supported: { "dynamic-import": false },
    define: { "process.env.ENCELADUS_LOCAL": '"false"' },
  };
  return {
    bundle: true,
    minify: !isLocal,
    platform: "node",
    target: "node24",
    format: "cjs",
    outputFileExtension: ".cjs",
    // Beside the bundle, where a debugger finds it: inside, every worker that loads the bundle would read it too.
    sourcemap: isLocal ? "linked" : false,
    // Nothing of node_modules is packed beside the bundle: all of it is either inside or in the layer.
    exclude: ["*"],
    packager: "npm",
    // Each run has its own work folder: packaging beside a running `npm start` must not sweep its bundles away.
    outputWorkFolder: `${WORK}/${process.pid}`,
    ...(isLocal ? { plugins: [bundleAllAtOnce(() => handlersOf(serverless))] } : deployed),
  };
}

// serverless-esbuild loads this file with require(); this is how a module answers that with a function.
export { esbuildOptions as "module.exports" };
