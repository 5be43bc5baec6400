import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../layers/shared/package.json", import.meta.url), "utf8")) as {
  dependencies: Record<string, string>;
};

/** The runtime dependencies with their versions, from the one place that declares them. */
export const runtimeDependencies: Readonly<Record<string, string>> = manifest.dependencies;

/** The package that a module specifier belongs to: `zod` of `zod/mini`, `@a/b` of `@a/b/c`. */
export function packageOf(module: string): string {
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Whether a module belongs to a package that the layer brings along. */
export function isRuntimeDependency(module: string): boolean {
  return packageOf(module) in runtimeDependencies;
}
