import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Step } from "./steps.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface TestCount {
  passed: number;
  failed: number;
}

export interface StepResult extends TestCount {
  ok: boolean;
  seconds: number;
}

/** The part of jest's report that is read. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
}

/** How many tests a jest report counts; a file that could not even be loaded counts as one that failed. */
export function countOf(report: JestReport): TestCount {
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites };
}

function readCount(file: string): TestCount {
  try {
    return countOf(JSON.parse(readFileSync(file, "utf8")) as JestReport);
  } catch {
    // Jest ended before it could write its report; the exit code tells of that.
    return { passed: 0, failed: 0 };
  }
}

/** Runs a step with its output on ours. */
export async function runStep({ command, counts }: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const directory = mkdtempSync(join(tmpdir(), "enceladus-test-"));
  const report = join(directory, "report.json");
  const [program, ...args] = command;
  const child = spawn(program, counts ? [...args, "--json", `--outputFile=${report}`] : args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` },
  });
  const [code] = (await once(child, "close")) as [number | null];
  const count = counts ? readCount(report) : { passed: 0, failed: 0 };
  rmSync(directory, { recursive: true, force: true });
  return { ...count, ok: code === 0, seconds: (performance.now() - startedAt) / 1000 };
}
