import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { UserError } from "../api/user-error.ts";

/** What no builder needs: it makes or fetches these itself. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", ".cache", ".vite", "coverage", ".DS_Store"]);
/** The same sources are the same bytes, whenever they are packed. */
const MTIME = new Date(1980, 0, 1, 0, 0, 0);

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${folder} cannot be read as a folder (${(error as Error).message}).`);
  }
}

/**
 * The files of a folder and all folders in it, sorted. Links are not followed: they may lead out of it.
 * @returns paths below the folder, with `/` between their parts
 */
async function filesOf(root: string, below = ""): Promise<string[]> {
  const entries = (await entriesOf(join(root, below))).filter(({ name }) => !LEFT_OUT.has(name));
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return filesOf(root, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().sort();
}

export interface Archive {
  bytes: Uint8Array;
  files: readonly string[];
}

/**
 * Packs the sources of a user interface, without what its builder makes or fetches itself.
 * @throws UserError for what is no folder, or has no files
 */
export async function packSources(folder: string): Promise<Archive> {
  const files = await filesOf(folder);
  if (files.length === 0) throw new UserError(`There are no files in ${folder}.`);
  const contents: Record<string, Uint8Array> = {};
  for (const file of files) contents[file] = await readFile(join(folder, file));
  return { bytes: zipSync(contents, { mtime: MTIME }), files };
}
