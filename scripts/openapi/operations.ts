import { globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Operation } from "@enceladus/middleware/operation";

const ROOT = resolve(import.meta.dirname, "../..");

/** The operations that one function serves. */
export interface ServedOperations {
  /** `functions/<name>`. */
  folder: string;
  operations: readonly Operation[];
}

/** The operations of every function that has any, in the order of the folders: nobody has to list them. */
export async function servedOperations(root: string = ROOT): Promise<ServedOperations[]> {
  const modules = globSync("functions/*/operations.ts", { cwd: root }).sort();
  return Promise.all(
    modules.map(async (module) => {
      const { operations } = (await import(join(root, module))) as { operations: readonly Operation[] };
      return { folder: dirname(module), operations };
    }),
  );
}
