import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStep, type TestCount } from "./test-run/run-step.ts";
import { SUITES, type Suite, stepsOf } from "./test-run/steps.ts";

/**
 * The one runner behind `npm test`: checks, then the test suites, until something fails. The last line of its output
 * is always the count of all tests.
 * @param args `unit`, `integration` or `e2e` for one suite alone; what follows goes to jest
 * @returns whether everything passed
 */
export async function runTests(args: readonly string[]): Promise<boolean> {
  const [first, ...rest] = args;
  const only = SUITES.find((name) => name === first) as Suite | undefined;
  const total: TestCount = { passed: 0, failed: 0 };
  let failedStep: string | undefined;
  const folder = mkdtempSync(join(tmpdir(), "enceladus-run-"));
  const files = { packages: join(folder, "packages"), usedPermissions: join(folder, "used-permissions.json") };
  mkdirSync(files.packages);
  if (!only) {
    // Tests that need packages of the production stage need not make their own.
    process.env.ENCELADUS_PACKAGES = files.packages;
    process.env.ENCELADUS_USED_PERMISSIONS = files.usedPermissions;
  }
  for (const step of stepsOf(only, only ? rest : args, files)) {
    console.log(`\n> ${step.name}`);
    const { ok, seconds, passed, failed } = await runStep(step);
    total.passed += passed;
    total.failed += failed;
    console.log(`${ok ? "ok" : "FAILED"}: ${step.name} (${seconds.toFixed(1)} s)`);
    if (!ok) {
      failedStep = step.name;
      break;
    }
  }
  rmSync(folder, { recursive: true, force: true });
  if (failedStep) console.log(`\nStopped at the step that failed: ${failedStep}`);
  console.log(`\nTests: ${total.passed} passed, ${total.failed} failed`);
  return failedStep === undefined;
}

if (import.meta.main) process.exitCode = (await runTests(process.argv.slice(2))) ? 0 : 1;
