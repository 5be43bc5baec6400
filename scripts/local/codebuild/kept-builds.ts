import { readFile, rename, writeFile } from "node:fs/promises";
import * as z from "zod";
import { LocalError } from "../errors.ts";
import { Build } from "./build.ts";

/** The builds of earlier starts; none without a file. */
export async function readBuilds(file: string | undefined): Promise<Build[]> {
  if (file === undefined) return [];
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    return z.array(Build).parse(JSON.parse(text));
  } catch {
    throw new LocalError(`${file} cannot be read. Remove it, or start with --fresh.`);
  }
}

export interface BuildKeeper {
  /** Ends when all that there was when it was called is in the file. */
  save(): Promise<void>;
  /** Waits for what is being written. */
  settled(): Promise<void>;
}

/** What writes builds down. Calls that come while the file is being written share the next writing. */
export function keepBuilds(file: string | undefined, builds: () => readonly Build[]): BuildKeeper {
  if (file === undefined) return { save: async () => {}, settled: async () => {} };
  const write = async () => {
    await writeFile(`${file}.new`, JSON.stringify(builds()), { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  let latest: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const settled = () => latest.catch(() => {});
  const save = () => {
    next ??= settled().then(() => {
      next = undefined;
      return write();
    });
    latest = next;
    return next;
  };
  return { save, settled };
}
