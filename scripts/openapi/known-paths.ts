import { type OpenApiDocument, type OperationObject, REFRESH_COOKIE } from "./document.ts";

const PREFIX = "/api/v1/";

type Methods = Readonly<Record<string, readonly string[]>>;

/** The paths of the API with their methods. */
export interface KnownPaths {
  /** Strangers are not told whether these exist. */
  guarded: Methods;
  /** These take no credential that the standard stack asks for. */
  open: Methods;
}

function takesNoCredential({ security }: OperationObject): boolean {
  return security.every((alternative) => REFRESH_COOKIE in alternative);
}

/**
 * The paths of the document with their methods, as functions/not-found tells unknown paths from wrong methods. Older
 * aliases without the prefix stay out: `/{a}/{b}/{c}` would make every path of three segments a known one.
 */
export function knownPaths({ paths }: OpenApiDocument): KnownPaths {
  const known = Object.entries(paths).filter(([path]) => path.startsWith(PREFIX));
  const isOpen = ([, methods]: (typeof known)[number]) => Object.values(methods).every(takesNoCredential);
  const methodsOf = (some: typeof known) =>
    Object.fromEntries(some.map(([path, methods]) => [path, Object.keys(methods).map((m) => m.toUpperCase())]));
  return { guarded: methodsOf(known.filter((path) => !isOpen(path))), open: methodsOf(known.filter(isOpen)) };
}

function methodsText(methods: Methods): string {
  const lines = Object.entries(methods).map(
    ([path, names]) => `    ${JSON.stringify(path)}: [${names.map((name) => JSON.stringify(name)).join(", ")}]`,
  );
  return lines.length > 0 ? `{\n${lines.join(",\n")}\n  }` : "{}";
}

/** JSON with a line for each path, as the formatter of this repository would have it. */
export function knownPathsText({ guarded, open }: KnownPaths): string {
  return `{\n  "guarded": ${methodsText(guarded)},\n  "open": ${methodsText(open)}\n}\n`;
}
