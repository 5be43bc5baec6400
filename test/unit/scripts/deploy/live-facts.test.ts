import { describe, expect, it } from "@jest/globals";
import { associatedVersions } from "../../../../scripts/deploy/live-facts.ts";

const behavior = (...versions: string[]) => {
  return { LambdaFunctionAssociations: versions.map((Ref) => ({ LambdaFunctionARN: { Ref } })) };
};

const templateWith = (...CacheBehaviors: ReturnType<typeof behavior>[]) => {
  return { Resources: { CloudFrontDistribution: { Properties: { DistributionConfig: { CacheBehaviors } } } } };
};

describe("what the distribution runs", () => {
  it("is the version that its behaviours name, once", () => {
    expect(associatedVersions(templateWith(behavior("Version1"), behavior("Version1"), {} as never))).toStrictEqual([
      "Version1",
    ]);
  });

  it("is more than one where they disagree", () => {
    expect(associatedVersions(templateWith(behavior("Version1"), behavior("Version2")))).toStrictEqual([
      "Version1",
      "Version2",
    ]);
  });

  it("is nothing without behaviours, or without a distribution", () => {
    expect(associatedVersions(templateWith())).toStrictEqual([]);
    expect(associatedVersions({ Resources: {} })).toStrictEqual([]);
  });
});
