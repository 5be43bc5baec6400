import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HttpHandler } from "@enceladus/middleware/http-function";
import type { Operation } from "@enceladus/middleware/operation";
import { pathOf } from "../../scripts/packages/gateway-event.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** An HTTP function as the tests over all of them see it. */
export interface HttpFunction {
  /** The name of its folder. */
  name: string;
  handler: HttpHandler;
  operations: readonly Operation[];
}

/** A request that leads to an operation. */
export interface OperationRequest {
  title: string;
  handler: HttpHandler;
  operation: Operation;
  method: string;
  path: string;
}

/**
 * Every function that declares operations, and the one for all other paths. They are found in the folders, so that a
 * new route is under test before anybody thinks of it.
 */
export async function httpFunctions(): Promise<HttpFunction[]> {
  const folders = globSync("functions/*/", { cwd: ROOT }).sort();
  const found = folders.map(async (folder): Promise<HttpFunction[]> => {
    const path = join(ROOT, folder);
    const handlerFile = join(path, "handler.ts");
    const operationsFile = join(path, "operations.ts");
    const hasOperations = existsSync(operationsFile);
    if (!hasOperations && !readFileSync(handlerFile, "utf8").includes("httpFunction(")) return [];
    const { handler } = (await import(handlerFile)) as { handler: HttpHandler };
    const { operations } = hasOperations
      ? ((await import(operationsFile)) as { operations: readonly Operation[] })
      : { operations: [] };
    return [{ name: folder.replace(/^functions\//, "").replace(/\/$/, ""), handler, operations }];
  });
  return (await Promise.all(found)).flat();
}

/** A request for each operation on each of its paths, aliases included. */
export function requestsOf(functions: readonly HttpFunction[]): OperationRequest[] {
  return functions.flatMap(({ handler, operations }) =>
    operations.flatMap((operation) =>
      [operation.path, operation.alias]
        .filter((path) => path !== undefined)
        .map((path) => ({
          title: `${operation.method} ${path}`,
          handler,
          operation,
          method: operation.method,
          path: pathOf(path),
        })),
    ),
  );
}
