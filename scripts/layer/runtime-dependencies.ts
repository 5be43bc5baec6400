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

/** Too much to be read by a cold start that may do without it. */
const LARGE = ["@aws-sdk/", "@lezer/", "jose", "re2js", "zod"];

/** Whether a dependency gets files of its own in the layer. */
export function isLarge(module: string): boolean {
  return LARGE.some((name) => (name.endsWith("/") ? module.startsWith(name) : packageOf(module) === name));
}

/**
 * Whether only some requests need a dependency. What nearly all of them need, DynamoDB, is loaded while the function
 * starts, when Lambda lends it a whole processor; the rest waits for the request that needs it.
 */
export function isForSomeRequests(module: string): boolean {
  return module.startsWith("@lezer/") || (module.startsWith("@aws-sdk/") && !module.endsWith("dynamodb"));
}
