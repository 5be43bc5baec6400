import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSystem, temporaryFolder } from "./local-system.ts";
import type { SharedSystem } from "./shared-system.ts";

/** Starts the whole system, once for all tests of the project, and tells the test processes by the environment where it is. */
export default async function startForTests(): Promise<void> {
  const folder = await temporaryFolder();
  const shared: SharedSystem = { dataDir: join(folder.path, "data"), log: join(folder.path, "output") };
  const system = await startSystem(shared.dataDir, "--no-seed");
  writeFileSync(shared.log, system.output());
  for (const stream of [system.child.stdout, system.child.stderr]) {
    stream?.on("data", (chunk: Buffer) => appendFileSync(shared.log, chunk));
  }
  globalThis.stopTestSystem = async () => {
    await system.stop();
    await folder.remove();
  };
  process.env.ENCELADUS_TEST_SYSTEM = JSON.stringify(shared);
}
