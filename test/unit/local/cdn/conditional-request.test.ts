import { describe, expect, it } from "@jest/globals";
import { isUnchanged } from "../../../../scripts/local/cdn/conditional-request.ts";
import { keyOf } from "../../../../scripts/local/cdn/objects.ts";

const object = { etag: '"abc"', lastModified: "Wed, 25 Nov 2026 10:00:00 GMT" };

describe("a copy is still good", () => {
  it.each([
    [{ ifNoneMatch: '"abc"' }, true],
    [{ ifNoneMatch: 'W/"abc"' }, true],
    [{ ifNoneMatch: '"x", "abc"' }, true],
    [{ ifNoneMatch: "*" }, true],
    [{ ifNoneMatch: '"abcd"' }, false],
    [{ ifNoneMatch: '"x"', ifModifiedSince: object.lastModified }, false],
    [{ ifModifiedSince: object.lastModified }, true],
    [{ ifModifiedSince: "Wed, 25 Nov 2026 10:00:01 GMT" }, true],
    [{ ifModifiedSince: "Wed, 25 Nov 2026 09:59:59 GMT" }, false],
    [{ ifModifiedSince: "yesterday" }, false],
    [{}, false],
  ])("by %j: %s", (condition, expected) => {
    expect(isUnchanged(condition, object)).toBe(expected);
  });

  it("never where the object says nothing of itself", () => {
    expect(isUnchanged({ ifNoneMatch: '"abc"' }, {})).toBe(false);
    expect(isUnchanged({ ifModifiedSince: object.lastModified }, {})).toBe(false);
  });
});

describe("the key of an object", () => {
  it.each([
    ["/enceladus/index.html", "enceladus/index.html"],
    ["/mobile/v1/a%20b%2Fc.json", "mobile/v1/a b/c.json"],
    ["/enceladus/../x", "enceladus/../x"],
    ["//enceladus", "/enceladus"],
    ["/%zz", undefined],
  ])("of %s is %s", (uri, key) => {
    expect(keyOf(uri)).toBe(key);
  });
});
