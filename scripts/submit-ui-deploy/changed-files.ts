import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** As many as a request may name, and as long. */
const MOST_FILES = 2_000;
const LONGEST_PATH = 512;

async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch {
    return undefined;
  }
}

/**
 * The files of a folder that differ between two commits, by their paths in the repository.
 * @param before may be no commit that is known here, as after the first push of a branch or a forced one
 * @returns nothing where the commits cannot be compared: to name every file would set requests against each other that
 * have nothing to do with each other
 */
export async function changedFiles(folder: string, before: string, after: string): Promise<string[]> {
  const commits = [before, after];
  if (!commits.every((commit) => /^[0-9a-f]{7,64}$/.test(commit))) return [];
  const listed = await git(folder, "diff", "--name-only", "--no-renames", "-z", ...commits, "--", ".");
  const files = (listed ?? "").split("\0").filter((file) => file !== "" && file.length <= LONGEST_PATH);
  return files.slice(0, MOST_FILES);
}
