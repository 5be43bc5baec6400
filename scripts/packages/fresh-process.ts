import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { UnpackedFunction } from "./unpack.ts";

const RUNTIME = join(import.meta.dirname, "answer.cjs");

export interface Run {
  /** One for each event, in order. */
  answers: Record<string, unknown>[];
  /** Milliseconds from the start of the process until the handler was loaded. */
  loadMs: number;
  /** Milliseconds from the start of the process to its last answer. */
  answerMs: number;
  /** 0 when every event was answered. */
  exitCode: number | null;
  /** What it wrote to the error output, log lines included. */
  errors: string;
}

export interface Program {
  /** The CommonJS file that exports the handler. */
  file: string;
  /** The name under which it does. */
  exported: string;
  /** Where it runs: nothing may be found from there by accident. */
  directory: string;
  environment: Readonly<Record<string, string>>;
}

/** The bundle of an unpacked function as a program. */
export function programOf(
  unpacked: UnpackedFunction,
  nodePath: string,
  environment: Readonly<Record<string, string>> = {},
): Program {
  const [module = "", exported = "handler"] = unpacked.handler.split(/\.(?=[^.]+$)/);
  return {
    file: join(unpacked.task, `${module}.cjs`),
    exported,
    directory: unpacked.task,
    environment: {
      ...unpacked.environment,
      ...(unpacked.hasLayer && { NODE_PATH: nodePath }),
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: unpacked.name,
      ...environment,
    },
  };
}

/**
 * Loads a handler in a new Node process and calls it. The environment is the given one alone: no setting of this
 * machine, credentials least of all, reaches it.
 */
export async function runFresh(program: Program, events: readonly unknown[]): Promise<Run> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [RUNTIME, program.file, program.exported, ...events.map((event) => JSON.stringify(event))],
    { cwd: program.directory, env: program.environment, stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  const saidAt: number[] = [];
  const channel = child.stdio[3] as Readable;
  channel.on("data", () => saidAt.push(performance.now()));
  const ended = once(child, "close");
  const [lines, errors] = await Promise.all([text(channel), child.stderr ? text(child.stderr) : ""]);
  await ended;
  const [, ...answers] = lines.split("\n").filter(Boolean);
  return {
    answers: answers.map((line) => JSON.parse(line) as Record<string, unknown>),
    loadMs: (saidAt.at(0) ?? Number.NaN) - startedAt,
    answerMs: (saidAt.at(-1) ?? Number.NaN) - startedAt,
    exitCode: child.exitCode,
    errors,
  };
}
