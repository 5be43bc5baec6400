import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { requireJava } from "./java.ts";
import type { LocalOptions } from "./options.ts";
import { requireFreePorts } from "./ports.ts";

/**
 * Checks what can be wrong on this machine, the data folder last, which is then this process's until it is released.
 * @throws LocalError that says what to do about it
 */
export async function takePlace({ port, lambdaPort, dataDir, fresh }: LocalOptions): Promise<DataFolder> {
  await requireJava();
  await requireFreePorts([port, lambdaPort]);
  return openDataFolder(dataDir, fresh);
}
