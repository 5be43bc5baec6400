import { execFile } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Nothing that large is written by hand; what it holds cannot be looked through by anybody. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Folders of what is built and fetched, where somebody has put them under version control by mistake. */
const BUILT = /(?:^|\/)(?:node_modules|dist|\.serverless|coverage)\//;

/**
 * The files under version control, relative to the root.
 * @throws Error where there is no repository
 */
export async function trackedFiles(root: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-z"], { cwd: root, maxBuffer: MAX_LIST_BYTES });
  return stdout
    .split("\0")
    .filter((file) => file !== "" && !BUILT.test(file))
    .sort();
}

/**
 * The bytes of a file as a text of one character each, so that a binary file is looked through like any other; of a
 * symbolic link, where it leads. Undefined for what is there no more, and "too large" for what is larger than
 * MAX_FILE_BYTES.
 */
export function contentOf(root: string, file: string): { text: string } | "too large" | undefined {
  const path = join(root, file);
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status || status.isDirectory()) return undefined;
  if (status.isSymbolicLink()) return { text: readlinkSync(path) };
  return status.size > MAX_FILE_BYTES ? "too large" : { text: readFileSync(path, "latin1") };
}
