import type { OpenApiDocument } from "./document.ts";

const PREFIX = "/api/v1/";

/**
 * The paths of the document with their methods, as functions/not-found tells unknown paths from wrong methods. Older
 * aliases without the prefix stay out: `/{a}/{b}/{c}` would make every path of three segments a known one.
 */
export function knownPaths({ paths }: OpenApiDocument): Record<string, string[]> {
  const known = Object.entries(paths).filter(([path]) => path.startsWith(PREFIX));
  return Object.fromEntries(known.map(([path, methods]) => [path, Object.keys(methods).map((m) => m.toUpperCase())]));
}

/** JSON with a line for each path, as the formatter of this repository would have it. */
export function knownPathsText(known: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(known).map(
    ([path, methods]) => `  ${JSON.stringify(path)}: [${methods.map((method) => JSON.stringify(method)).join(", ")}]`,
  );
  return lines.length > 0 ? `{\n${lines.join(",\n")}\n}\n` : "{}\n";
}
