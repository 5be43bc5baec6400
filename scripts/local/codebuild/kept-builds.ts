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

/**
 * What writes builds down: each call ends when all that there was when it came is in the file. Calls that come while it is
 * being written share the next writing.
 */
export function keepBuilds(file: string | undefined, builds: () => readonly Build[]): () => Promise<void> {
  if (file === undefined) return async () => {};
  const write = async () => {
    await writeFile(`${file}.new`, JSON.stringify(builds()), { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  let latest: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= latest
      .catch(() => {})
      .then(() => {
        next = undefined;
        return write();
      });
    latest = next;
    return next;
  };
}
