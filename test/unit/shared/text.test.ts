import { characters, firstCharacters } from "@enceladus/shared/text";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

describe("characters", () => {
  it("are counted as people count them", () => {
    expect([characters(""), characters("abc"), characters("é"), characters("😀😀")]).toEqual([0, 3, 1, 2]);
  });
});

describe("the beginning of a text", () => {
  it("is the whole text where that is short", () => {
    expect(firstCharacters("abc", 3)).toBe("abc");
    expect(firstCharacters("abcd", 3)).toBe("abc");
  });

  it("is never cut through a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 30 }), (text, count) => {
        const beginning = firstCharacters(text, count);
        expect(beginning.isWellFormed()).toBe(true);
        expect(text.startsWith(beginning)).toBe(true);
        expect(characters(beginning)).toBe(Math.min(count, characters(text)));
      }),
    );
  });
});
