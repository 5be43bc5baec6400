import { describe, expect, it } from "@jest/globals";
import { ownDomain } from "../../../../scripts/deploy/web-domain.ts";

const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

describe("a web domain of one's own", () => {
  it("is none where the distribution goes by its own name", () => {
    expect(ownDomain({ webDomain: { "Fn::GetAtt": ["CloudFrontDistribution", "DomainName"] } })).toBeUndefined();
  });

  it("is a host name with a certificate that CloudFront takes", () => {
    expect(ownDomain({ webDomain: "app.example.com", certificateArn })).toBe("app.example.com");
  });

  it.each(["", "localhost", "https://app.example.com", "app.example.com/", "app_1.example.com", "App.Example.com"])(
    'is not "%s"',
    (webDomain) => {
      expect(() => ownDomain({ webDomain, certificateArn })).toThrow(/^appDomain must be a host name/);
    },
  );

  it.each([
    ["none", null],
    ["an empty one", ""],
    ["one of another region", certificateArn.replace("us-east-1", "eu-central-1")],
    ["one of another service", certificateArn.replace(":acm:", ":iam:")],
  ])("needs a certificate, and %s is none", (_what, other) => {
    expect(() => ownDomain({ webDomain: "app.example.com", certificateArn: other })).toThrow(/needs its certificate/);
  });
});
