import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { UserError } from "../api/user-error.ts";

/** A file below a folder. */
export interface MarkdownFile {
  /** Relative to the folder, with `/` between its parts. */
  path: string;
  /** What its document is called; equal for no two files of a folder unless those differ in `/` and `__` only. */
  name: string;
}

/** A file that cannot become a document, and why. */
export class UnfitFile extends Error {
  override name = "UnfitFile";
}

const MARKDOWN = /\.(?:md|markdown)$/i;
/** Not written by anybody who works here. */
const NOT_ENTERED = new Set([".git", "node_modules"]);
/** The largest document that the API takes. */
const MOST_BYTES = 1_048_576;

/** A document's name is no path, so that files of one name in several folders are told apart by what replaces the slashes. */
export function documentName(path: string): string {
  return path.replaceAll("/", "__");
}

/**
 * Finds the Markdown files (`.md`, `.markdown`) of a folder and all folders in it but `.git` and `node_modules`, sorted by
 * path. Links to folders are not followed.
 * @throws UserError for what is no folder
 */
export async function markdownFiles(folder: string): Promise<MarkdownFile[]> {
  const paths: string[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await entriesOf(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_ENTERED.has(entry.name)) folders.push(path);
      } else if (MARKDOWN.test(entry.name)) paths.push(relative(folder, path).split(sep).join("/"));
    }
  }
  return paths.sort().map((path) => ({ path, name: documentName(path) }));
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${folder} cannot be read as a folder (${(error as Error).message}).`);
  }
}

function checkSize(bytes: number): void {
  if (bytes === 0) throw new UnfitFile("it is empty");
  if (bytes <= MOST_BYTES) return;
  throw new UnfitFile(`it has ${bytes} bytes, more than the ${MOST_BYTES} that a document may have`);
}

/**
 * The text in the bytes of a file, byte for byte: a byte order mark is part of it.
 * @throws UnfitFile
 */
export function textOf(bytes: Uint8Array): string {
  checkSize(bytes.length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnfitFile("it is not text in UTF-8");
  }
}

/** @throws UnfitFile for a file that is none, or cannot become a document */
export async function readMarkdownFile(folder: string, { path }: MarkdownFile): Promise<string> {
  const file = join(folder, path);
  try {
    // What is far too large is not read to learn that.
    checkSize((await stat(file)).size);
    return textOf(await readFile(file));
  } catch (error) {
    if (error instanceof UnfitFile) throw error;
    throw new UnfitFile(`it cannot be read (${(error as Error).message})`);
  }
}
