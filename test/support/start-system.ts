import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalSystem, startSystem, temporaryFolder } from "./local-system.ts";
import type { SharedSystem } from "./shared-system.ts";

/** Keeps what the tests' functions have called, where a later step asks for it (`scripts/verify-roles.ts`). */
async function keepUsedPermissions({ endpoints }: LocalSystem): Promise<void> {
  const file = process.env.ENCELADUS_USED_PERMISSIONS;
  if (!file) return;
  const answer = await fetch(`${endpoints.apiUrl}/local/used-permissions`);
  writeFileSync(file, await answer.text());
}

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
    await keepUsedPermissions(system);
    await system.stop();
    await folder.remove();
  };
  process.env.ENCELADUS_TEST_SYSTEM = JSON.stringify(shared);
}
