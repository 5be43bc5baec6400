import { addRoute, createRouter, findRoute, type RouterContext } from "rou3";
import type { Operation } from "./operation.ts";

const PREFIX = "/api/v1";

/** Path parameters in the order of the path. */
type ParamValues = readonly string[];

/** What a router looks at: an operation, or as much of one as says where it is found. */
export type Route = Pick<Operation, "path" | "alias"> & { method: string };

/** What a path leads to: the operations on it by method, and the values of its parameters. */
export interface PathMatch<Found = Operation> {
  byMethod: ReadonlyMap<string, Found>;
  values: ParamValues;
}

interface Entry<Found> {
  byMethod: Map<string, Found>;
  names: string[];
}

/** The names of the `{parameters}` of a path template, in order. */
export function parameterNames(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

function withoutPrefix(path: string): string {
  return path === PREFIX || path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length) || "/" : path;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Finds operations by path. A literal segment wins over a parameter; the prefix `/api/v1` is optional. */
export class Router<Found extends Route = Operation> {
  readonly #routes: RouterContext<Entry<Found>> = createRouter<Entry<Found>>();
  readonly #entries = new Map<string, Entry<Found>>();

  constructor(operations: readonly Found[]) {
    for (const operation of operations) {
      this.#add(operation.path, operation);
      if (operation.alias) this.#add(operation.alias, operation);
    }
  }

  #add(template: string, operation: Found): void {
    const names = parameterNames(template);
    // Two operations on one path may name a parameter differently; positions are what counts.
    const route = names.reduce((path, name, index) => path.replace(`{${name}}`, `:p${index}`), withoutPrefix(template));
    let entry = this.#entries.get(route);
    if (!entry) {
      entry = { byMethod: new Map(), names };
      this.#entries.set(route, entry);
      addRoute(this.#routes, "", route, entry);
    }
    entry.byMethod.set(operation.method, operation);
  }

  /** The operations on a path, or undefined. The path may be percent-encoded; a segment never spans a slash. */
  find(path: string): PathMatch<Found> | undefined {
    const found = findRoute(this.#routes, "", withoutPrefix(path));
    if (!found) return undefined;
    const values = found.data.names.map((_, index) => decoded(found.params?.[`p${index}`] ?? ""));
    return values.includes("") ? undefined : { byMethod: found.data.byMethod, values };
  }
}

/** The parameter values of a match under the names that the operation's own path gives them. */
export function namedParameters(operation: Operation, values: ParamValues): Record<string, string> {
  return Object.fromEntries(parameterNames(operation.path).map((name, index) => [name, values[index] ?? ""]));
}
