import { describe, expect, it } from "@jest/globals";
import { readConfiguration } from "../../../../functions/auth-edge/configuration.ts";
import {
  bakedConfiguration,
  configurationText,
  givenConfiguration,
  rebaked,
} from "../../../../scripts/deploy/edge-configuration.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";

const bundleOf = (text: string) => `"use strict";var a=b('${text}');0&&(module.exports={handler});`;

describe("the constant in the bundle", () => {
  it("is what the edge reads its configuration from", () => {
    expect(readConfiguration(configurationText(CONFIGURATION))).toStrictEqual(CONFIGURATION);
  });

  it("is one that configures nothing where there is no configuration", () => {
    expect(readConfiguration(configurationText(undefined))).toBeUndefined();
  });

  it("is the same for equal configurations, in whatever order they were written", () => {
    const reversed = Object.fromEntries(Object.entries(CONFIGURATION).reverse()) as unknown as typeof CONFIGURATION;
    expect(configurationText(reversed)).toBe(configurationText(CONFIGURATION));
  });

  it("can be read back", () => {
    expect(bakedConfiguration(bundleOf(configurationText(CONFIGURATION)))).toStrictEqual(CONFIGURATION);
    expect(bakedConfiguration(bundleOf(configurationText(undefined)))).toBeUndefined();
  });

  it("is missing in anything but a bundle of the edge", () => {
    expect(() => bakedConfiguration("exports.handler = async () => {};")).toThrow("no configuration of the edge");
  });

  it("can be replaced, and nothing else with it", () => {
    const odd = { ...CONFIGURATION, clientId: "$&-$1" };
    expect(rebaked(bundleOf(configurationText(undefined)), odd)).toBe(bundleOf(configurationText(odd)));
  });
});

describe("a configuration that somebody wrote down", () => {
  it("is taken whole", () => {
    expect(givenConfiguration(JSON.stringify(CONFIGURATION))).toStrictEqual(CONFIGURATION);
  });

  it.each([
    ["no JSON", "us-east-1_Abcdefghi"],
    ["nothing", "null"],
    ["a part", JSON.stringify({ ...CONFIGURATION, clientId: undefined })],
    ["an empty text", JSON.stringify({ ...CONFIGURATION, appOrigin: "" })],
    ["a number", JSON.stringify({ ...CONFIGURATION, clientId: 5 })],
    ["more than it has", JSON.stringify({ ...CONFIGURATION, jwksUrl: "https://keys.example.com" })],
  ])("is refused as a whole where it is %s", (_what, text) => {
    expect(() => givenConfiguration(text)).toThrow(/^ENCELADUS_EDGE must be JSON/);
  });
});
