import { join, resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { build, type Plugin } from "esbuild";
import { bundleForTheEdge } from "../../../scripts/bundle/at-the-edge.ts";
import { fromLayer } from "../../../scripts/bundle/from-layer.ts";
import { bakedConfiguration, configurationText } from "../../../scripts/deploy/edge-configuration.ts";
import { CONFIGURATION } from "../../support/edge-configuration.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const noConfiguration = async () => configurationText(undefined);

async function bundled(folder: string, edge: Plugin): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join("functions", folder, "handler.ts")],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "cjs",
    outdir: "unused",
    logLevel: "silent",
    supported: { "dynamic-import": false },
    define: { "process.env.ENCELADUS_LOCAL": '"false"' },
    mainFields: ["module", "main"],
    plugins: [fromLayer, edge],
  });
  return outputFiles[0]?.text ?? "";
}

describe("the bundle of the edge", () => {
  it("has its configuration as a constant, and asks no environment for it", async () => {
    const bundle = await bundled(
      "auth-edge",
      bundleForTheEdge(async () => configurationText(CONFIGURATION)),
    );
    expect(bakedConfiguration(bundle)).toStrictEqual(CONFIGURATION);
    expect(bundle).not.toMatch(/ENCELADUS_(EDGE|LOCAL)/);
  });

  it("has everything inside: it requires what Node brings along, and nothing else", async () => {
    const bundle = await bundled("auth-edge", bundleForTheEdge(noConfiguration));
    const required = [...bundle.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    expect(required.filter((name) => !name?.startsWith("node:"))).toStrictEqual([]);
  });

  it("has of a library that is imported later only what is used of it", async () => {
    const bundle = await bundled("auth-edge", bundleForTheEdge(noConfiguration));
    expect(bundle).toContain("Invalid Compact JWS");
    expect(bundle).not.toContain("Invalid Compact JWE");
  });

  it("is none where the configuration cannot be had", async () => {
    const edge = bundleForTheEdge(() => Promise.reject(new Error("the account cannot be asked")));
    await expect(bundled("auth-edge", edge)).rejects.toThrow("the account cannot be asked");
  });
});

describe("the bundle of any other function", () => {
  it("is left as it is, and nobody asks for the configuration", async () => {
    const edge = bundleForTheEdge(() => Promise.reject(new Error("the account cannot be asked")));
    const bundle = await bundled("not-found", edge);
    expect(bundle).toContain('require("@enceladus/layer")');
  });
});
