import { contentTag, isKnownToCaller, replyUnlessKnown, versionTag } from "@enceladus/middleware/entity-tag";
import { normalizeEvent } from "@enceladus/middleware/http-event";
import { describe, expect, it } from "@jest/globals";

const known = (header: string | undefined, tag: string) =>
  isKnownToCaller(normalizeEvent({ headers: { "if-none-match": header } }), tag);

describe("an entity tag", () => {
  it("is the version, where a thing has one", () => {
    expect(versionTag(7)).toBe('"7"');
  });

  it("else depends on everything that is answered and on nothing else", () => {
    expect(contentTag({ a: 1, b: new Set(["y", "x"]) })).toBe(contentTag({ b: ["x", "y"], a: 1 }));
    expect(contentTag({ a: 1 })).toMatch(/^"h-[0-9a-f]{16}"$/);
    expect(contentTag({ a: 1 })).not.toBe(contentTag({ a: null }));
  });
});

describe("If-None-Match", () => {
  it.each(['"7"', 'W/"7"', '"6", "7"', ' "6" ,W/"7" ', "*"])("%s knows version 7", (header) => {
    expect(known(header, '"7"')).toBe(true);
  });

  it.each([undefined, "", '"77"', "7", '"*"'])("%s does not", (header) => {
    expect(known(header, '"7"')).toBe(false);
  });
});

describe("a read of one thing", () => {
  const read = (header: string) =>
    replyUnlessKnown(normalizeEvent({ headers: { "If-None-Match": header } }), '"7"', { thing: 1 });

  it("is answered with the thing and its tag", () => {
    expect(read('"6"')).toEqual({ status: 200, body: { thing: 1 }, headers: { ETag: '"7"' } });
  });

  it("is answered with the tag alone where the caller has the thing", () => {
    expect(read('"7"')).toEqual({ status: 304, body: undefined, headers: { ETag: '"7"' } });
  });
});
