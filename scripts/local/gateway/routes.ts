import { addRoute, createRouter, findRoute } from "rou3";
import type { FunctionDefinition, HttpApiEvent } from "../configuration.ts";

/** A declared route of the HTTP API. */
export interface Route {
  /** As API Gateway names it: `GET /api/v1/projects/{projectName}`, `ANY /x` or `$default`. */
  routeKey: string;
  functionName: string;
  /** Whether the caller must sign the request (authorizer `aws_iam`). */
  requiresSignature: boolean;
}

export interface MatchedRoute extends Route {
  pathParameters: Readonly<Record<string, string>> | undefined;
}

function routeOf(event: HttpApiEvent["httpApi"], functionName: string): Route | undefined {
  if (event === undefined) return undefined;
  const declared = typeof event === "string" ? event : `${event.method} ${event.path}`;
  const isDefault = declared === "*" || declared === "* *";
  const [method = "", path = ""] = declared.split(/\s+/);
  return {
    routeKey: isDefault ? "$default" : `${method === "*" ? "ANY" : method.toUpperCase()} ${path}`,
    functionName,
    requiresSignature: typeof event === "object" && event.authorizer?.type === "aws_iam",
  };
}

/** `/a/{b}/{c+}` in the router's words. */
const routerPath = (path: string) => path.replaceAll(/\{(\w+)\+\}/g, "**:$1").replaceAll(/\{(\w+)\}/g, ":$1");

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/**
 * Finds routes as an HTTP API does: the most specific path that has the method, else the one with any method, else
 * `$default`.
 */
export function createRoutes(functions: Readonly<Record<string, FunctionDefinition>>) {
  const router = createRouter<Route>();
  let fallback: Route | undefined;
  for (const { name, events } of Object.values(functions)) {
    for (const { httpApi } of events ?? []) {
      const route = routeOf(httpApi, name);
      if (!route) continue;
      if (route.routeKey === "$default") {
        fallback = route;
        continue;
      }
      const [method = "", path = ""] = route.routeKey.split(" ");
      addRoute(router, method === "ANY" ? "" : method, routerPath(path), route);
    }
  }

  return (method: string, path: string): MatchedRoute | undefined => {
    // Unlike the router, API Gateway takes a path with a trailing slash for another one.
    const found = path.length > 1 && path.endsWith("/") ? undefined : findRoute(router, method, path);
    if (!found) return fallback && { ...fallback, pathParameters: undefined };
    const entries = Object.entries(found.params ?? {}).map(([name, value]) => [name, decode(value)] as const);
    return { ...found.data, pathParameters: entries.length > 0 ? Object.fromEntries(entries) : undefined };
  };
}
