import { readFileSync } from "node:fs";
import { jest } from "@jest/globals";
import { type RunningSystem, readEndpoints } from "./local-system.ts";

/** Where the system is that `start-system.ts` has started. */
export interface SharedSystem {
  dataDir: string;
  /** The file with all that it has written. */
  log: string;
}

declare global {
  /** From the global setup to the global teardown, which share a process. */
  var stopTestSystem: (() => Promise<void>) | undefined;
}

// A busy machine is no failure.
jest.setTimeout(120_000);

const shared = JSON.parse(process.env.ENCELADUS_TEST_SYSTEM ?? "null") as SharedSystem | null;
if (shared === null) throw new Error("the system is not there: run this test in the Jest project `e2e`");
const { dataDir, log } = shared;

/**
 * The whole system, without the demo, that all tests of the project share. Other files use it at the same time: each works
 * in projects of its own, lists may hold what it did not make, and faults must match nobody else's calls.
 */
export const system: RunningSystem = {
  endpoints: readEndpoints(dataDir),
  dataDir,
  output: () => readFileSync(log, "utf8"),
};
