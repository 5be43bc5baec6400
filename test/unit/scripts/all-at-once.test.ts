import { describe, expect, it } from "@jest/globals";
import type { BuildOptions, PluginBuild } from "esbuild";
import { bundleAllAtOnce } from "../../../scripts/bundle/all-at-once.ts";

const HANDLERS = ["functions/keys/handler.handler", "functions/edge/handler.handler"];

/** The options of the builds that serverless-esbuild begins, as the plugin leaves them. */
function buildsOf(entries: readonly string[]): BuildOptions[] {
  const plugin = bundleAllAtOnce(() => HANDLERS);
  return entries.map((entry) => {
    const initialOptions: BuildOptions = {
      entryPoints: [entry],
      outdir: `/service/.esbuild/1/.build/${entry.replace("/handler.ts", "")}`,
    };
    plugin.setup({ initialOptions } as PluginBuild);
    return initialOptions;
  });
}

describe("a build for each function", () => {
  it("becomes one for all and none for the others, each bundle where it would have been", () => {
    const entries = ["functions/keys/handler.ts", "functions/edge/handler.ts"];
    const place = { outbase: ".", outdir: "/service/.esbuild/1/.build" };
    expect(buildsOf(entries)).toStrictEqual([
      { entryPoints: entries, ...place },
      { entryPoints: [], ...place },
    ]);
  });

  it("is left alone when its source is no function's", () => {
    expect(buildsOf(["functions/other/handler.ts"])).toStrictEqual([
      { entryPoints: ["functions/other/handler.ts"], outdir: "/service/.esbuild/1/.build/functions/other" },
    ]);
  });
});
