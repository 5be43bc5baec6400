import { createHash } from "node:crypto";

/** A file of the layer, its path relative to `nodejs/node_modules/`. */
export interface LayerFile {
  path: string;
  text: string;
}

/** What esbuild is told for all code that ends up in the layer. */
export const LAYER_TARGET = {
  platform: "node",
  target: "node24",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  // Under Lambda only require() looks into /opt: an import() that stayed one would find nothing there.
  supported: { "dynamic-import": false },
  // A constant, so that no setting of a deployed function can make it accept the tokens of a laptop.
  define: { "process.env.ENCELADUS_LOCAL": '"false"' },
} as const;

/** In one fixed order, whatever the locale of the machine. */
export function byPath(left: { path: string }, right: { path: string }): number {
  if (left.path === right.path) return 0;
  return left.path < right.path ? -1 : 1;
}

/** A digest of names and contents alone, so that it says whether two builds hold the same; lower-case hex. */
export function contentDigest(files: readonly { path: string; text: string | Uint8Array }[]): string {
  const lines = [...files]
    .sort(byPath)
    .map(({ path, text }) => `${path}\t${createHash("sha256").update(text).digest("hex")}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}
