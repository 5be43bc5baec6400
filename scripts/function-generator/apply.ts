import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../api/user-error.ts";
import type { Change } from "./change.ts";

/** What follows from the declarations and the operations, and is written by other commands. */
const FOLLOWING = [
  ".github/workflows/*.yml",
  "resources/alarms.yml",
  "resources/lambda-workflow-manifest.json",
  "docs/openapi.json",
  "docs/api.md",
  "functions/not-found/routes.json",
];

function textOf(root: string, path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Folders that have nothing in them any more go with their last file. */
function removeFile(root: string, path: string): void {
  rmSync(join(root, path), { force: true });
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(root, folder));
    } catch {
      return;
    }
  }
}

function put(root: string, path: string, text: string | undefined): void {
  if (text === undefined) {
    removeFile(root, path);
    return;
  }
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function following(root: string): Map<string, string | undefined> {
  return new Map(
    FOLLOWING.flatMap((pattern) => globSync(pattern, { cwd: root })).map((path) => [path, textOf(root, path)]),
  );
}

function checkUnchanged(root: string, changes: readonly Change[]): void {
  const other = changes.find(({ path, before }) => textOf(root, path) !== before);
  if (other) throw new UserError(`${other.path} has changed meanwhile; nothing is written.`);
}

/**
 * Makes changes, and has written what follows from them. When that fails, everything is as it was before.
 * @param derive writes what follows
 */
export async function applyChanges(
  root: string,
  changes: readonly Change[],
  derive: () => Promise<void>,
): Promise<void> {
  checkUnchanged(root, changes);
  const before = following(root);
  try {
    for (const { path, after } of changes) put(root, path, after);
    await derive();
  } catch (error) {
    for (const path of following(root).keys()) if (!before.has(path)) put(root, path, undefined);
    for (const [path, text] of before) put(root, path, text);
    for (const change of changes) put(root, change.path, change.before);
    throw error;
  }
}
