import { characters, firstCharacters } from "@enceladus/shared/text";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { meaningOf, withinText } from "../../../domain/tracker/text.ts";
import { refusalOf } from "../../support/tracker-values.ts";

describe("characters", () => {
  it("are counted as people count them", () => {
    expect([characters(""), characters("abc"), characters("é"), characters("😀😀")]).toEqual([0, 3, 1, 2]);
  });

  it("limit a text", () => {
    expect(withinText("title", "😀😀", 2)).toBe("😀😀");
    const refusal = refusalOf(() => withinText("title", "😀😀😀", 2));
    expect([refusal.code, refusal.message]).toEqual(["INVALID_INPUT", "title: at most 2 characters are allowed."]);
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

it("a word means what the table says, not what every object has", () => {
  const table = { open: "initial" };
  expect(meaningOf(table, "open")).toBe("initial");
  for (const word of ["closed", "constructor", "__proto__", "toString"]) expect(meaningOf(table, word)).toBeUndefined();
});
