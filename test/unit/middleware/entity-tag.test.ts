import { contentTag, isKnownToCaller, versionTag } from "@enceladus/middleware/entity-tag";
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
