import { describe, expect, it } from "@jest/globals";
import type { BakedConfiguration } from "../../../../scripts/deploy/edge-configuration.ts";
import { deployUntilConfigured } from "../../../../scripts/deploy/passes.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";

/** A stage on which each deploy bakes what the stack said before it, and may change what the stack says. */
function stage(said: BakedConfiguration | undefined, saysThen: BakedConfiguration | undefined) {
  let says = said;
  let baked: BakedConfiguration | undefined;
  const passes: number[] = [];
  const deploy = async (pass: number) => {
    passes.push(pass);
    baked = says;
    says = saysThen;
  };
  return { passes, run: () => deployUntilConfigured({ deploy, baked: () => baked, wanted: async () => says }) };
}

describe("a deploy", () => {
  it("takes two passes for a new stack: only then its ids are known", async () => {
    const { passes, run } = stage(undefined, CONFIGURATION);
    expect(await run()).toBe(2);
    expect(passes).toStrictEqual([1, 2]);
  });

  it("takes one for a stack that is known", async () => {
    const { passes, run } = stage(CONFIGURATION, CONFIGURATION);
    expect(await run()).toBe(1);
    expect(passes).toStrictEqual([1]);
  });

  it("takes two when it changes the web domain", async () => {
    expect(await stage(CONFIGURATION, { ...CONFIGURATION, appOrigin: "https://app.example.com" }).run()).toBe(2);
  });

  it("takes one where there is no edge", async () => {
    expect(await stage(undefined, undefined).run()).toBe(1);
  });

  it("does not go on for ever, and says what is in the way", async () => {
    const passes: number[] = [];
    const run = deployUntilConfigured({
      deploy: async (pass) => void passes.push(pass),
      baked: () => ({ ...CONFIGURATION, clientId: "given-by-hand" }),
      wanted: async () => CONFIGURATION,
    });
    await expect(run).rejects.toThrow(/given-by-hand.*client-1.*ENCELADUS_EDGE/s);
    expect(passes).toStrictEqual([1, 2]);
  });

  it("ends with the first failure", async () => {
    const run = deployUntilConfigured({
      deploy: () => Promise.reject(new Error("sls ended with 1")),
      baked: () => undefined,
      wanted: async () => CONFIGURATION,
    });
    await expect(run).rejects.toThrow("sls ended with 1");
  });
});
