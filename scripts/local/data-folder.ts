import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalError } from "./errors.ts";

const LOCK = "lock";
/** Marks a folder as ours, so that --fresh never empties one that somebody named by mistake. */
const MARKER = "enceladus-data";

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

/** Whether a process of this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive too.
    return isCode(error, "EPERM");
  }
}

/** Takes the lock; one whose holder is gone is taken over. */
async function lock(folder: string): Promise<void> {
  const file = join(folder, LOCK);
  for (;;) {
    try {
      return await writeFile(file, String(process.pid), { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    const pid = Number(await readFile(file, "utf8").catch(() => ""));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw new LocalError(
        `The data folder ${folder} is in use by process ${pid}. Stop it, or choose another folder with --data.`,
      );
    }
    await rm(file, { force: true });
  }
}

async function empty(folder: string): Promise<void> {
  const names = await readdir(folder);
  const foreign = names.filter((name) => name !== LOCK);
  if (foreign.length > 0 && !names.includes(MARKER)) {
    throw new LocalError(
      `${folder} holds other files than Enceladus's data, so --fresh does not empty it. Choose another folder with --data.`,
    );
  }
  await Promise.all(foreign.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

export interface DataFolder {
  path: string;
  /** Lets the next start have it. Synchronous, since it is done when the process ends. */
  release(): void;
}

/**
 * Makes a folder ready to keep the local data, for this process alone.
 * @param fresh empty it first
 * @throws LocalError when it cannot be written, is in use, or is not ours to empty
 */
export async function openDataFolder(path: string, fresh: boolean): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await lock(path);
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(
      `The data folder ${path} cannot be written (${(error as Error).message}). Choose another one with --data.`,
    );
  }
  const release = () => rmSync(join(path, LOCK), { force: true });
  try {
    if (fresh) await empty(path);
    await writeFile(join(path, MARKER), "Data of a local Enceladus; `npm start -- --fresh` empties this folder.\n");
  } catch (error) {
    release();
    throw error;
  }
  return { path, release };
}
