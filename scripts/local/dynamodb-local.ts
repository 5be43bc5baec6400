import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LocalError } from "./errors.ts";
import { freePort, LOOPBACK } from "./ports.ts";

const EMULATOR = join(
  dirname(createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json")),
  "emulator",
);
/** A quick start: no parallel collector, classes from the shared archive. */
const JAVA_OPTIONS = ["-XX:+UseSerialGC", "-Xshare:auto", "-Xms64m", "-Xmx512m"];
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 1_500;
const ATTEMPTS = 3;

export interface DynamoDbLocal {
  url: string;
  stop(): Promise<void>;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once("connect", () => socket.destroy() && resolve(true));
    socket.once("error", () => resolve(false));
  });
}

function launch(
  port: number,
  dbPath: string | undefined,
): { java: ChildProcess; watchdog: ChildProcess; output: string[] } {
  const storage = dbPath === undefined ? ["-inMemory"] : ["-dbPath", dbPath];
  const program = [
    "-Djava.library.path=./DynamoDBLocal_lib",
    "-jar",
    "DynamoDBLocal.jar",
    "-disableTelemetry",
    "-sharedDb",
  ];
  const output: string[] = [];
  // Detached, so that Ctrl-C in the terminal does not take the tables away from calls that are still running.
  const java = spawn("java", [...JAVA_OPTIONS, ...program, ...storage, "-port", String(port)], {
    cwd: EMULATOR,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [java.stdout, java.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  java.once("error", (error) => output.push(error.message));
  const watchdog = spawn(process.execPath, [fileURLToPath(new URL("watchdog.ts", import.meta.url)), String(java.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.stdin.on("error", () => {});
  return { java, watchdog, output };
}

const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

async function end(java: ChildProcess, watchdog: ChildProcess): Promise<void> {
  if (!hasEnded(java)) {
    const ended = new Promise((resolve) => java.once("exit", resolve));
    java.kill("SIGTERM");
    await Promise.race([ended, wait(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    if (!hasEnded(java)) java.kill("SIGKILL");
  }
  watchdog.stdin?.end();
}

/**
 * Starts Amazon's DynamoDB Local and waits until it answers. It ends with this process, however this process ends.
 * @param dbPath the folder of its files; absent: everything in memory
 * @throws LocalError when it does not start
 */
export async function startDynamoDbLocal(dbPath?: string): Promise<DynamoDbLocal> {
  if (dbPath !== undefined) await mkdir(dbPath, { recursive: true });
  let output: string[] = [];
  // The free port may be gone by the time the JVM is up; then it ends at once and another one is tried.
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = await freePort();
    const process = launch(port, dbPath);
    output = process.output;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!hasEnded(process.java) && Date.now() < deadline) {
      if (await accepts(port)) {
        return { url: `http://${LOOPBACK}:${port}`, stop: () => end(process.java, process.watchdog) };
      }
      await wait(20);
    }
    await end(process.java, process.watchdog);
  }
  throw new LocalError(`DynamoDB Local does not start: ${output.join("").trim()}`);
}
