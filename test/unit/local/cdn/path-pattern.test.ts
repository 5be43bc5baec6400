import { describe, expect, it } from "@jest/globals";
import { normalizedPath, patternMatcher } from "../../../../scripts/local/cdn/path-pattern.ts";

describe("a path pattern", () => {
  it.each([
    ["/enceladus*", "/enceladus", true],
    ["/enceladus*", "/enceladus/a/b.js", true],
    ["/enceladus*", "/enceladusx", true],
    ["/enceladus*", "/Enceladus", false],
    ["/enceladus*", "/a/enceladus", false],
    ["/mobile/v1/*", "/mobile/v1/", true],
    ["/mobile/v1/*", "/mobile/v1", false],
    ["/mobile/v?/*", "/mobile/v2/x", true],
    ["/mobile/v?/*", "/mobile/v/x", false],
    ["/mobile/v?/*", "/mobile/v10/x", false],
    ["images/*.jpg", "/images/a/b.jpg", true],
    ["images/*.jpg", "/images/ajpg", false],
    ["*.js", "/a/b.js", true],
    ["/a+b", "/a+b", true],
    ["/a+b", "/aab", false],
    ["/x", "/x/", false],
  ])("%s of %s: %s", (pattern, path, expected) => {
    expect(patternMatcher(pattern)(path)).toBe(expected);
  });
});

describe("the path by which a behaviour is chosen", () => {
  it.each([
    ["/enceladus/a", "/enceladus/a"],
    ["/%65nceladus/", "/enceladus/"],
    ["/mobile%2fv1/x", "/mobile%2Fv1/x"],
    ["/enceladus/../api/v1", "/api/v1"],
    ["/enceladus/%2E%2e/api", "/api"],
    ["/a/./b/.", "/a/b/"],
    ["/a/..", "/"],
    ["/../../a", "/a"],
    ["/a//b/", "/a//b/"],
    ["/a%20b%zz", "/a%20b%zz"],
    ["/", "/"],
  ])("%s is %s", (raw, expected) => {
    expect(normalizedPath(raw)).toBe(expected);
  });
});
