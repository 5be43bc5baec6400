import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Settings } from "../service/resolved-config.ts";

/** A function as its function.yml declares it, with no variable put in. */
export interface DeclaredFunction extends Settings {
  key: string;
  folder: string;
  events: readonly Settings[];
}

/** The sources of the service, as far as a new function has to fit in with them. */
export interface Repository {
  root: string;
  functions: readonly DeclaredFunction[];
  /** By logical id. */
  resources: ReadonlyMap<string, { type: string; properties: Settings }>;
  has(path: string): boolean;
  read(path: string): string;
}

function settings(value: unknown): Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : {};
}

/** The declarations in a function.yml; one for a function that is in some regions only stands below its region. */
function declarationsIn(value: unknown, folder: string): DeclaredFunction[] {
  return Object.entries(settings(value)).flatMap(([key, inner]) => {
    const declared = settings(inner);
    if (declared.handler === undefined) return declarationsIn(declared, folder);
    const events = Array.isArray(declared.events) ? declared.events.map(settings) : [];
    return [{ ...declared, key, folder, events }];
  });
}

/** Reads the declarations of functions and resources; nothing is resolved, so that it takes no time. */
export function readRepository(root: string): Repository {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const functions = globSync("functions/*/function.yml", { cwd: root })
    .sort()
    .flatMap((file) => declarationsIn(parse(read(file)), dirname(file)));
  const resources = globSync("resources/*.yml", { cwd: root }).flatMap((file) =>
    Object.entries(settings(settings(parse(read(file))).Resources)).map(([id, resource]) => {
      const { Type, Properties } = settings(resource);
      return [id, { type: String(Type), properties: settings(Properties) }] as const;
    }),
  );
  return { root, functions, resources: new Map(resources), has: (path) => existsSync(join(root, path)), read };
}
