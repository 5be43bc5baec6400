import { join } from "node:path";
import type { HttpHandler } from "@enceladus/middleware/http-function";
import type { Auth, Operation } from "@enceladus/middleware/operation";
import { httpRoute, pathOf } from "../../scripts/packages/gateway-event.ts";
import { ROOT, resolvedConfig } from "../../scripts/service/resolved-config.ts";
import { httpFunctions } from "./http-functions.ts";

/** A route of the resolved configuration, with the function behind it. */
export interface DeclaredRoute {
  title: string;
  method: string;
  /** The template with a word for each parameter. */
  path: string;
  handler: HttpHandler;
  /** Who may call, as the operation says; the route for everything else takes every credential. */
  auth: Auth;
}

function operationOn(operations: readonly Operation[], method: string, template: string): Operation | undefined {
  return operations.find((one) => one.method === method && [one.path, one.alias].includes(template as `/${string}`));
}

const EVERY_CREDENTIAL = ["cookie", "internal-key", "agent-key"] as const;

/**
 * Every HTTP route that serverless.yml resolves to, but for those that the gateway itself guards: nobody has to list a
 * new one anywhere to have it tested.
 */
export async function declaredRoutes(): Promise<DeclaredRoute[]> {
  const { functions } = await resolvedConfig();
  const known = await httpFunctions();
  return Object.values(functions).flatMap(({ handler: file, events }) => {
    const folder = String(file).split("/")[1];
    const found = known.find(({ name }) => name === folder);
    const routes = (Array.isArray(events) ? (events as Record<string, { authorizer?: unknown }>[]) : [])
      .filter(({ httpApi }) => !httpApi?.authorizer)
      .map(httpRoute)
      .filter((route) => route !== undefined);
    return routes.map((route): DeclaredRoute => {
      if (!found) throw new Error(`${join(ROOT, String(file))} has a route, but no operations`);
      const { handler, operations } = found;
      if (route.path === "*") {
        return { title: "any other path", method: "GET", path: "/api/v1/any-path", handler, auth: EVERY_CREDENTIAL };
      }
      const operation = operationOn(operations, route.method, route.path);
      if (!operation) throw new Error(`${route.method} ${route.path} is no operation`);
      const { method, path } = { method: route.method, path: pathOf(route.path) };
      return { title: `${method} ${route.path}`, method, path, handler, auth: operation.auth };
    });
  });
}
