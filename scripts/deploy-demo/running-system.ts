import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { UserError } from "../api/user-error.ts";
import type { Endpoints } from "../local/endpoints-file.ts";
import { freePort } from "../local/ports.ts";

/** A local system, and how to leave it. */
export interface RunningSystem {
  endpoints: Endpoints;
  /** Stops what was started for this; a system that ran before runs on. */
  leave(): Promise<void>;
}

const START_WITHIN_MS = 120_000;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function read(dataDir: string): Promise<Endpoints | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, "endpoints.json"), "utf8")) as Endpoints;
  } catch {
    return undefined;
  }
}

/** Whether somebody answers there; a file may be left by a system that was killed. */
async function answers({ apiUrl }: Endpoints): Promise<boolean> {
  try {
    return (await fetch(`${apiUrl}/local/faults`)).ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGINT");
    await gone;
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function start(): Promise<RunningSystem> {
  const folder = await mkdtemp(join(tmpdir(), "enceladus-demo-"));
  const flags = ["--port", String(await freePort()), "--data", folder, "--no-seed"];
  const child = spawn(process.execPath, ["scripts/start.ts", ...flags], {
    cwd: ROOT,
    // The channel ends it when this process is gone, however it went.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-4_000);
    });
  }
  const deadline = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const endpoints = await read(folder);
    if (endpoints) return { endpoints, leave: () => stop(child, folder) };
    await wait(100);
  }
  await stop(child, folder);
  throw new UserError(`The local system does not start:\n${output.trim()}`);
}

/**
 * The local system that keeps its data in a folder, if it runs; else one of its own, in a temporary folder.
 * @throws UserError where it does not start
 */
export async function findOrStart(dataDir: string, tell: (text: string) => void): Promise<RunningSystem> {
  const known = await read(dataDir);
  if (known && (await answers(known))) {
    tell(`Using the system that runs at ${known.apiUrl}`);
    return { endpoints: known, leave: async () => {} };
  }
  tell(`No system runs with its data in ${dataDir}: starting one for this demo`);
  const system = await start();
  tell(`Started at ${system.endpoints.apiUrl}`);
  return system;
}
