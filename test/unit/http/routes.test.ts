import type { Operation } from "@enceladus/middleware/operation";
import { describe, expect, it } from "@jest/globals";
import { servedOperations } from "../../../scripts/openapi/operations.ts";
import { httpRoute } from "../../../scripts/packages/gateway-event.ts";
import { resolvedConfig } from "../../../scripts/service/resolved-config.ts";
import { httpFunctions } from "../../support/http-functions.ts";

const config = await resolvedConfig();
const served = await servedOperations();

/** The routes of operations, aliases included, sorted. */
function routesOf(operations: readonly Operation[]): string[] {
  return operations
    .flatMap(({ method, path, alias }) =>
      [path, alias].filter((each) => each !== undefined).map((each) => `${method} ${each}`),
    )
    .sort();
}

function eventsOf(folder: string): Record<string, unknown>[] {
  return Object.values(config.functions)
    .filter(({ handler }) => String(handler).startsWith(`${folder}/`))
    .flatMap(({ events }) => (Array.isArray(events) ? (events as Record<string, unknown>[]) : []));
}

/** The HTTP routes that a function's declaration has, sorted. */
function declaredRoutes(folder: string, events = eventsOf(folder)): string[] {
  return events
    .map(httpRoute)
    .filter((route) => route !== undefined)
    .map(({ method, path }) => `${method} ${path}`)
    .sort();
}

/** The routes of a function at which the gateway checks a signature. */
function signedRoutes(folder: string): string[] {
  const signed = eventsOf(folder).filter(({ httpApi }) => {
    const { authorizer } = (httpApi ?? {}) as { authorizer?: { type?: unknown } };
    return authorizer?.type === "aws_iam";
  });
  return declaredRoutes(folder, signed);
}

const folders = [
  ...new Set(Object.values(config.functions).map(({ handler }) => String(handler).replace(/\/[^/]+$/, ""))),
];

describe("the declared routes are the operations, aliases included", () => {
  it.each(folders)("%s", (folder) => {
    const declared = declaredRoutes(folder);
    const operations = served.find((found) => found.folder === folder)?.operations ?? [];
    // The function for everything else declares the one route that is no operation.
    if (declared.includes("* *")) expect(declared).toStrictEqual(["* *"]);
    else expect(declared).toStrictEqual(routesOf(operations));
  });
});

describe("the gateway checks a signature where the operation does not ask who calls, and nowhere else", () => {
  it.each(folders)("%s", (folder) => {
    const operations = served.find((found) => found.folder === folder)?.operations ?? [];
    expect(signedRoutes(folder)).toStrictEqual(routesOf(operations.filter(({ auth }) => auth === "iam")));
  });
});

describe("the tests over all functions", () => {
  it("cover every function that has a route", async () => {
    const covered = (await httpFunctions()).map(({ name }) => `functions/${name}`);
    expect(covered.sort()).toStrictEqual(folders.filter((folder) => declaredRoutes(folder).length > 0).sort());
  });
});

describe("operations", () => {
  const all = served.flatMap(({ operations }) => operations);

  it("belong to a declared function", () => {
    expect(folders).toStrictEqual(expect.arrayContaining(served.map(({ folder }) => folder)));
  });

  it("have ids of their own, in camel case", () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
  });

  it("stand below /api/v1", () => {
    for (const { path } of all) expect(path).toMatch(/^\/api\/v1\//);
  });
});
