import type { Plugin } from "esbuild";
import type { UsedNames } from "./used-names.ts";

/** Before the name of a module: as much of it as is used. */
export const USED = "used:";

function reexport(module: string, names: UsedNames): string {
  const from = `from ${JSON.stringify(module)};`;
  if (names === "all") return `export * ${from} export { default } ${from}`;
  return names.size > 0 ? `export { ${[...names].sort().join(", ")} } ${from}` : `import ${JSON.stringify(module)};`;
}

/**
 * Lets the bundler find `used:<module>`: a module that has nothing but what is used of a dependency.
 * @param root the repository
 */
export function onlyUsed(root: string, used: ReadonlyMap<string, UsedNames>): Plugin {
  return {
    name: "only-used",
    setup(bundler) {
      const filter = new RegExp(`^${USED}`);
      bundler.onResolve({ filter }, ({ path }) => ({ path: path.slice(USED.length), namespace: "used" }));
      bundler.onLoad({ filter: /.*/, namespace: "used" }, ({ path }) => ({
        contents: reexport(path, used.get(path) ?? "all"),
        // Where they are declared: the packages of some development tool may be of another version.
        resolveDir: `${root}/layers/shared`,
      }));
    },
  };
}
