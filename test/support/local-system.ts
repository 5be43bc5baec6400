import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Endpoints } from "../../scripts/local/endpoints-file.ts";
import { freePort } from "../../scripts/local/ports.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** A busy machine is no failure. */
const START_WITHIN_MS = 110_000;

/** Whether somebody listens on the port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.destroy() && settle(true));
    socket.once("error", () => settle(false));
  });
}

/** Two free ports with one between them: the API's and the Lambda endpoint's. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + 2 <= 65_535 && !(await isListening(port + 2))) return port;
  }
}

/** A folder for one test; `remove` takes it away again. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "enceladus-e2e-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface StartedProgram {
  child: ChildProcess;
  output(): string;
  errors(): string;
  /** The exit code; null when a signal ended it. */
  exit: Promise<number | null>;
}

/**
 * Runs `npm start -- <flags>` without npm in between.
 * @param environment replaces variables of this process; undefined removes one
 */
export function runStart(
  flags: readonly string[],
  environment: Record<string, string | undefined> = {},
): StartedProgram {
  const merged = { ...process.env, ...environment };
  const env = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  const child = spawn(process.execPath, ["scripts/start.ts", ...flags], {
    cwd: ROOT,
    env,
    // The channel ends the program when this process is gone, however it went.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const written = { out: "", err: "" };
  child.stdout?.on("data", (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (written.err += chunk.toString()));
  const exit = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => written.out + written.err, errors: () => written.err, exit };
}

/** What tests use of a system that runs. */
export interface RunningSystem {
  endpoints: Endpoints;
  dataDir: string;
  /** What it has written so far, to both streams. */
  output(): string;
}

export interface LocalSystem extends StartedProgram, RunningSystem {
  /** Ends it as Ctrl-C does and waits until it is gone. */
  stop(): Promise<number | null>;
}

/** What a system that runs has written down. */
export function readEndpoints(dataDir: string): Endpoints {
  return JSON.parse(readFileSync(join(dataDir, "endpoints.json"), "utf8")) as Endpoints;
}

/** Starts the whole system on free ports and waits until it is ready. */
export async function startSystem(dataDir: string, ...flags: string[]): Promise<LocalSystem> {
  const port = await freePortPair();
  const program = runStart(["--port", String(port), "--data", dataDir, ...flags]);
  const file = join(dataDir, "endpoints.json");
  const deadline = Date.now() + START_WITHIN_MS;
  let ended = false;
  program.exit.then(() => (ended = true));
  while (!existsSync(file) && !ended && Date.now() < deadline) await wait(50);
  if (!existsSync(file)) {
    program.child.kill("SIGKILL");
    throw new Error(`the local system does not start:\n${program.output()}`);
  }
  const endpoints = readEndpoints(dataDir);
  const stop = () => {
    program.child.kill("SIGINT");
    return program.exit;
  };
  return { ...program, endpoints, dataDir, stop };
}
