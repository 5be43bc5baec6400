import { describe, expect, it } from "@jest/globals";
import { choiceLine, chooseConfiguration } from "../../../../scripts/deploy/choose-configuration.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";

const nothingDeployed = async () => undefined;
const deployed = async () => CONFIGURATION;
const outOfReach = async () => {
  throw new Error("the account cannot be asked");
};

describe("what is baked into the edge", () => {
  it("is what the environment says, before the stack is asked", async () => {
    const given = { ...CONFIGURATION, clientId: "client-2" };
    const choice = await chooseConfiguration(JSON.stringify(given), undefined, outOfReach);
    expect(choice).toStrictEqual({ configuration: given, source: "environment" });
  });

  it("is what the stack says, where the environment says nothing", async () => {
    for (const given of [undefined, ""]) {
      const choice = await chooseConfiguration(given, undefined, deployed);
      expect(choice).toStrictEqual({ configuration: CONFIGURATION, source: "stack" });
    }
  });

  it("is nothing before there is a stack", async () => {
    const choice = await chooseConfiguration(undefined, "app.example.com", nothingDeployed);
    expect(choice).toStrictEqual({ configuration: undefined, source: "none" });
  });

  it("is never nothing because the stack could not be asked", async () => {
    await expect(chooseConfiguration(undefined, undefined, outOfReach)).rejects.toThrow("cannot be asked");
  });

  it("has the web domain that is declared now, whichever the stack still has", async () => {
    const { configuration } = await chooseConfiguration(undefined, "app.example.com", deployed);
    expect(configuration).toStrictEqual({ ...CONFIGURATION, appOrigin: "https://app.example.com" });
  });

  it("is said in one line", async () => {
    const given = JSON.stringify(CONFIGURATION);
    const lines = await Promise.all([
      chooseConfiguration(given, undefined, outOfReach),
      chooseConfiguration(undefined, undefined, deployed),
      chooseConfiguration(undefined, undefined, nothingDeployed),
    ]);
    expect(lines.map((choice) => choiceLine(choice, "enceladus-prod"))).toStrictEqual([
      "The edge is configured by ENCELADUS_EDGE, for https://d111111abcdef8.cloudfront.net.",
      "The edge is configured by the stack enceladus-prod, for https://d111111abcdef8.cloudfront.net.",
      expect.stringMatching(/^The edge is packaged without a configuration: enceladus-prod is not deployed\..*$/),
    ]);
  });
});
