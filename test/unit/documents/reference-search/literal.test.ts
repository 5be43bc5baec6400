import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { foldedCharacter } from "../../../../domain/documents/reference-search/fold.ts";
import { literalPattern } from "../../../../domain/documents/reference-search/literal.ts";

const ALL = Number.POSITIVE_INFINITY;

function spans(query: string, line: string, isCaseSensitive = false) {
  return literalPattern(query, isCaseSensitive).spansIn(line, 0, line.length, ALL);
}

describe("a folded character", () => {
  const cased: number[] = [];
  for (let character = 0; character < 0x20000; character += 1) {
    if (/\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u.test(String.fromCodePoint(character))) {
      cased.push(character);
    }
  }
  const folded = cased.map(foldedCharacter);

  it("differs from its character in case alone, and not in length or first surrogate", () => {
    cased.forEach((character, index) => {
      const [before, after] = [character, folded[index] ?? -1].map((one) => String.fromCodePoint(one));
      expect(`\\u{${character.toString(16)}} ${new RegExp(`^${before}$`, "iu").test(after ?? "")}`).toMatch(/true$/);
      expect(after?.length === 2 ? after[0] : after?.length).toBe(before?.length === 2 ? before[0] : 1);
    });
  });

  it("stands for everything that differs in case alone", () => {
    const representatives = [...new Set(folded)].map((character) => String.fromCodePoint(character)).join("");
    cased.forEach((character, index) => {
      const equals = representatives.match(new RegExp(String.fromCodePoint(character), "giu"));
      expect(equals).toEqual([String.fromCodePoint(folded[index] ?? -1)]);
    });
  });
});

describe("a text that is looked for as it is", () => {
  it("is found at every place, without overlaps", () => {
    expect(spans("aa", "aaaaa")).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(spans("abab", "abaababab")).toEqual([[3, 7]]);
    expect([spans("aab", "aaab"), spans("abac", "ababac")]).toEqual([[[1, 4]], [[2, 6]]]);
    expect(spans("x", "aaaaa")).toEqual([]);
  });

  it("means nothing but itself", () => {
    expect(spans("a.c*", "abc a.c*")).toEqual([[4, 8]]);
  });

  it("is found in any case, or in its own", () => {
    expect(spans("Straße", "STRAßE STRAẞE STRASSE")).toEqual([
      [0, 6],
      [7, 13],
    ]);
    expect(spans("Σ", "ςσΣ")).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(spans("k", "K\u212a")).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(spans("Ab", "ab AB Ab", true)).toEqual([[6, 8]]);
  });

  it("is found where it is, also behind characters whose lower case is longer", () => {
    expect(spans("x", "İİX")).toEqual([[2, 3]]);
    expect([spans("i", "İı"), spans("ı", "I"), spans("İ", "i̇")]).toEqual([[], [], []]);
  });

  it("is found beyond the first 65,536 characters, never within one", () => {
    expect(spans("𐐀", "𐐨a𐐀")).toEqual([
      [0, 2],
      [3, 5],
    ]);
    expect(spans("😀", "😁😀")).toEqual([[2, 4]]);
  });

  it("is looked for in one line only", () => {
    const pattern = literalPattern("ab", false);
    expect(pattern.spansIn("ab ab ab", 3, 5, ALL)).toEqual([[0, 2]]);
    expect([pattern.isIn("ab", 0, 1), pattern.isIn("ab", 1, 2), pattern.isIn("xab", 1, 3)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("is looked for until there are enough", () => {
    expect(literalPattern("a", false).spansIn("aaa", 0, 3, 2)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("is found where the built-in search finds it", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "A", "b", "B", "ß", "😀", "İ"), maxLength: 20 });
    const needle = fc.string({ unit: fc.constantFrom("a", "A", "b", "ß", "😀"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(text, needle, fc.boolean(), (line, query, isCaseSensitive) => {
        const found = [...line.matchAll(new RegExp(query, isCaseSensitive ? "gu" : "giu"))];
        expect(spans(query, line, isCaseSensitive)).toEqual(found.map(({ index }) => [index, index + query.length]));
      }),
    );
  });
});
