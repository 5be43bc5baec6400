import { join } from "node:path";
import { afterAll, beforeAll, jest } from "@jest/globals";
import { type LocalSystem, startSystem, temporaryFolder } from "./local-system.ts";

/** A busy machine is no failure. */
const PATIENCE_MS = 120_000;

/**
 * Runs the whole system, without the demo, for the tests of a file.
 * @returns the system, once the tests run
 */
export function runningSystem(): () => LocalSystem {
  jest.setTimeout(PATIENCE_MS);
  let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
  let system: LocalSystem | undefined;
  beforeAll(async () => {
    folder = await temporaryFolder();
    system = await startSystem(join(folder.path, "data"), "--no-seed");
  }, PATIENCE_MS);
  afterAll(async () => {
    await system?.stop();
    await folder?.remove();
  });
  return () => {
    if (!system) throw new Error("the system runs while tests run");
    return system;
  };
}
