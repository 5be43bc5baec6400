import { describe, expect, it } from "@jest/globals";
import { behaviorFinder, behaviorsOf } from "../../../../scripts/local/cdn/behaviors.ts";

const guard = {
  name: "guard-dev",
  events: [
    { cloudFront: { eventType: "viewer-request", pathPattern: "/app/special/*" } },
    {
      cloudFront: {
        eventType: "viewer-request",
        pathPattern: "/app*",
        behavior: { AllowedMethods: ["GET", "HEAD", "OPTIONS"], ResponseHeadersPolicyId: { Ref: "Headers" } },
      },
    },
  ],
};
const api = { name: "api-dev", events: [{ httpApi: "*" }] };

describe("behaviours", () => {
  const behaviors = behaviorsOf({ functions: { api, guard } });
  const find = behaviorFinder(behaviors);

  it("are those of the cloudFront events, in their order", () => {
    expect(behaviors).toEqual([
      {
        pathPattern: "/app/special/*",
        functionName: "guard-dev",
        allowedMethods: ["GET", "HEAD"],
        responseHeadersPolicy: undefined,
      },
      {
        pathPattern: "/app*",
        functionName: "guard-dev",
        allowedMethods: ["GET", "HEAD", "OPTIONS"],
        responseHeadersPolicy: "Headers",
      },
    ]);
  });

  it.each([
    ["/app", "/app*"],
    ["/app/special/x", "/app/special/*"],
    ["/%61pp/x", "/app*"],
    ["/app/../api", undefined],
    ["/api/v1/projects", undefined],
    ["x/app/", undefined],
    ["http://host/app/", undefined],
  ])("%s has that of %s", (path, pattern) => {
    expect(find(path)?.pathPattern).toBe(pattern);
  });

  it.each([
    ["origin-request", "/app*"],
    ["viewer-request", undefined],
  ])("of %s for %s are refused rather than left out", (eventType, pathPattern) => {
    const events = [{ cloudFront: { eventType, ...(pathPattern && { pathPattern }) } }];
    expect(() => behaviorsOf({ functions: { guard: { name: "guard-dev", events } } })).toThrow(/guard-dev/);
  });
});
