import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { LocalError } from "./local/errors.ts";
import { COMMAND_OPTIONS, readOptions } from "./local/options.ts";
import { takePlace } from "./local/take-place.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The `sls` of osls, which the package `serverless` of this project is. */
function slsProgram(): string {
  const packageFile = createRequire(import.meta.url).resolve("serverless/package.json");
  const { bin } = createRequire(import.meta.url)(packageFile) as { bin: Record<string, string> };
  return join(dirname(packageFile), bin.serverless ?? "");
}

/** Checks the value of one option as the plugin will. */
function readerOf(option: keyof typeof COMMAND_OPTIONS) {
  return (text: string): string => {
    try {
      readOptions({ [option]: text }, ROOT);
      return text;
    } catch (error) {
      throw new InvalidArgumentError((error as LocalError).message);
    }
  };
}

const program = new Command()
  .name("npm start --")
  .description("Runs the whole of Enceladus on this machine: `sls offline` with an embedded AWS.")
  .addOption(new Option("--port <n>", COMMAND_OPTIONS.port.usage).argParser(readerOf("port")))
  .option("--data <dir>", COMMAND_OPTIONS.data.usage)
  .option("--fresh", COMMAND_OPTIONS.fresh.usage)
  .addOption(
    new Option("--queue-delay <seconds>", COMMAND_OPTIONS["queue-delay"].usage).argParser(readerOf("queue-delay")),
  )
  .option("--no-seed", "Do not create the demo project")
  .parse();

const { queueDelay, ...others } = program.opts<{
  port?: string;
  data?: string;
  fresh?: boolean;
  seed: boolean;
  queueDelay?: string;
}>();
try {
  // The framework takes seconds before it gets to ask: what cannot run here is said at once.
  (await takePlace(readOptions({ ...others, "queue-delay": queueDelay }, ROOT))).release();
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const { port, data, fresh, seed } = others;
const flags = [
  ...(port === undefined ? [] : ["--port", port]),
  ...(data === undefined ? [] : ["--data", data]),
  ...(fresh ? ["--fresh"] : []),
  ...(queueDelay === undefined ? [] : ["--queue-delay", queueDelay]),
  ...(seed ? [] : ["--no-seed"]),
];

/** The framework and its plugins are thousands of files, compiled once and kept: a quarter of the way to the first check. */
const COMPILED = join(ROOT, "node_modules/.cache/compiled");

// The channel tells the child when this process is gone, however it went.
const child = spawn(process.execPath, [slsProgram(), "offline", ...flags], {
  cwd: ROOT,
  env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
// Whoever has started this process with a channel, as the tests do, wants it to end with them.
if (process.channel) process.once("disconnect", () => child.kill("SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
