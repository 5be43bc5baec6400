import { describe, expect, it } from "@jest/globals";
import {
  type DeclaredParameters,
  demandParameters,
  parameterProblems,
  type StageRequest,
} from "../../../../scripts/deploy/parameters.ts";
import { resolvedConfig } from "../../../../scripts/service/resolved-config.ts";

const CERTIFICATE = "certificateArn=arn:aws:acm:us-east-1:123456789012:certificate/1";
const DECLARED: DeclaredParameters = {
  default: { suffix: "-dev", retain: "Delete", protected: false, deletionProtection: "INACTIVE", alarms: "true" },
  prod: { suffix: "", retain: "Retain", protected: true, deletionProtection: "ACTIVE" },
  load: {},
};

const RESOLVING_TAKES_MS = 120_000;

const problems = (request: Partial<StageRequest>, declared = DECLARED) =>
  parameterProblems({ stage: "dev", region: "us-east-1", params: [], ...request }, declared);

describe("what a stage is deployed with", () => {
  it(
    "is in order as serverless.yml has it",
    async () => {
      const { params } = await resolvedConfig("prod");
      const { prod, default: others } = params as DeclaredParameters;
      expect(problems({ stage: "prod" }, { prod, default: others })).toStrictEqual([]);
      expect(problems({ stage: "dev" }, { default: others })).toStrictEqual([]);
    },
    RESOLVING_TAKES_MS,
  );

  it("may be a stage of one's own that is declared, parameters of its own, another region", () => {
    expect(problems({ stage: "load", region: "eu-central-1" })).toStrictEqual([]);
    expect(problems({ params: ["appDomain=app.example.com", CERTIFICATE, "alarms=false"] })).toStrictEqual([]);
  });

  it.each<[string, Partial<StageRequest>, RegExp]>([
    ["a stage that is none", { stage: "prdo" }, /--stage prdo: there is no such stage.*dev, staging, prod/],
    ["the long name of production", { stage: "production" }, /is called prod/],
    ["what all stages share", { stage: "default" }, /no such stage/],
    ["a region that is none", { region: "us-east" }, /--region us-east: there is no such region/],
    ["a parameter without a value", { params: ["alarms"] }, /--param alarms: say it as name=value/],
    ["a parameter that is none", { params: ["appDomian=app.example.com"] }, /^appDomian: there is no such parameter/],
    [
      "a domain without its certificate",
      { params: ["appDomain=app.example.com"] },
      /needs its certificate: certificateArn/,
    ],
    ["a certificate without its domain", { params: [CERTIFICATE] }, /of no use without appDomain/],
    [
      "a domain with a scheme",
      { params: ["appDomain=https://a.example.com", CERTIFICATE] },
      /^appDomain must be a host name/,
    ],
    [
      "a certificate of elsewhere",
      { params: ["appDomain=a.example.com", CERTIFICATE.replace("us-east-1", "eu-west-1")] },
      /^certificateArn must be/,
    ],
    ["alarms neither on nor off", { params: ["alarms=yes"] }, /^alarms must be true or false, not "yes"/],
    [
      "a score above all scores",
      { params: ["minComplianceScore=101"] },
      /^minComplianceScore must be a whole number from 0 to 100/,
    ],
    ["a score below", { params: ["minComplianceScore=-1"] }, /^minComplianceScore/],
    ["a price class that is none", { params: ["priceClass=cheap"] }, /^priceClass must be PriceClass_100 or/],
  ])("is refused for %s", (_what, request, message) => {
    expect(problems(request)).toStrictEqual([expect.stringMatching(message)]);
  });

  it.each(["suffix=-x", "retain=Delete", "protected=false", "deletionProtection=INACTIVE"])(
    "cannot make production give up what protects it: %s",
    (pair) => {
      const [name = ""] = pair.split("=");
      expect(problems({ stage: "prod", params: [pair] })).toStrictEqual([expect.stringContaining(`${name} must be "`)]);
    },
  );

  it("is refused for everything at once, before anything is deployed", () => {
    const request = { stage: "x", region: "y", params: ["alarms=maybe"] };
    expect(() => demandParameters(request, DECLARED)).toThrow(
      /^Nothing was deployed:\n {2}--stage.*\n {2}--region.*\n {2}alarms/,
    );
  });
});
