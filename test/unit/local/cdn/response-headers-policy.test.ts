import { describe, expect, it } from "@jest/globals";
import { responseHeadersPolicy } from "../../../../scripts/local/cdn/response-headers-policy.ts";

const apply = (config: object, headers: [string, string][] = []) =>
  responseHeadersPolicy({ ResponseHeadersPolicyConfig: config })(headers);

describe("a response headers policy", () => {
  it("sets each header that it declares", () => {
    const SecurityHeadersConfig = {
      ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: "DENY", Override: true },
      ReferrerPolicy: { ReferrerPolicy: "same-origin", Override: true },
      XSSProtection: { Protection: true, ModeBlock: true, Override: true },
    };
    const CustomHeadersConfig = { Items: [{ Header: "Permissions-Policy", Value: "camera=()", Override: true }] };
    expect(apply({ SecurityHeadersConfig, CustomHeadersConfig }, [["etag", '"1"']])).toEqual([
      ["etag", '"1"'],
      ["content-security-policy", "default-src 'self'"],
      ["x-content-type-options", "nosniff"],
      ["x-frame-options", "DENY"],
      ["referrer-policy", "same-origin"],
      ["x-xss-protection", "1; mode=block"],
      ["permissions-policy", "camera=()"],
    ]);
  });

  it("replaces what is there only where it says so, be it in words", () => {
    const policy = (Override: boolean | string) => ({
      SecurityHeadersConfig: { FrameOptions: { FrameOption: "DENY", Override } },
    });
    const own: [string, string][] = [["x-frame-options", "SAMEORIGIN"]];
    expect(apply(policy(true), own)).toEqual([["x-frame-options", "DENY"]]);
    expect(apply(policy("true"), own)).toEqual([["x-frame-options", "DENY"]]);
    expect(apply(policy(false), own)).toEqual(own);
    expect(apply(policy(false))).toEqual([["x-frame-options", "DENY"]]);
  });

  it("takes headers away", () => {
    const headers: [string, string][] = [
      ["server", "x"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
    ];
    expect(apply({ RemoveHeadersConfig: { Items: [{ Header: "Server" }] } }, headers)).toEqual(headers.slice(1));
  });

  it("leaves out what makes sense with TLS only", () => {
    const SecurityHeadersConfig = {
      StrictTransportSecurity: { AccessControlMaxAgeSec: 1, Override: true },
      ContentSecurityPolicy: {
        ContentSecurityPolicy: "default-src 'self'; upgrade-insecure-requests; base-uri 'none';",
        Override: true,
      },
    };
    expect(apply({ SecurityHeadersConfig })).toEqual([
      ["content-security-policy", "default-src 'self'; base-uri 'none'"],
    ]);
  });
});
