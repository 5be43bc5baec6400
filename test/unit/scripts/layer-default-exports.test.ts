import { resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { dependencyFiles } from "../../../scripts/layer/dependency-files.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What a bundled function gets for an import, when `require` finds the given module of the layer. */
async function importedFrom(source: string, module: string): Promise<unknown> {
  const { outputFiles } = await build({
    // An ES module by its name, as the sources of functions are by their package.json.
    stdin: { contents: source, resolveDir: ROOT, sourcefile: "any.mts", loader: "ts" },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    external: ["*"],
  });
  const evaluate = (code: string, require: (name: string) => unknown) => {
    const module = { exports: {} };
    runInContext(code, createContext({ module, exports: module.exports, require }));
    return module.exports;
  };
  const layerModule = evaluate(module, () => ({}));
  return (evaluate(outputFiles[0]?.text ?? "", () => layerModule) as { imported: unknown }).imported;
}

async function layerModule(name: string, names: readonly string[]): Promise<string> {
  const files = await dependencyFiles(ROOT, new Map([[name, new Set(names)]]));
  return files.find(({ path }) => path === `${name}/index.js`)?.text ?? "";
}

describe("a default export in the layer", () => {
  it("is what a function imports as default", async () => {
    const module = await layerModule("p-retry", ["default"]);
    const source = 'import pRetry from "p-retry"; export const imported = pRetry;';
    expect(typeof (await importedFrom(source, module))).toBe("function");
  });

  it("leaves named exports of the same module where they were", async () => {
    const module = await layerModule("p-retry", ["default", "AbortError"]);
    const source = 'import { AbortError } from "p-retry"; export const imported = new AbortError("no");';
    expect(await importedFrom(source, module)).toMatchObject({ message: "no" });
  });
});
