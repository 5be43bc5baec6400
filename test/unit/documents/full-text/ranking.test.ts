import { describe, expect, it } from "@jest/globals";
import { estimateOf, placeOf } from "../../../../domain/documents/full-text/keys.ts";
import { about } from "../../../../domain/documents/full-text/posting.ts";
import { betterFirst, scoreOf } from "../../../../domain/documents/full-text/ranking.ts";

const totals = { documents: 100, length: 10_000 };
const body = (inBody: number, documents = 10) => ({ occurrences: { inTitle: 0, inBody }, documents });

describe("the score", () => {
  it("is BM25 with k1 = 1.2 and b = 0.75", () => {
    const rarity = Math.log(1 + 90.5 / 10.5);
    expect(scoreOf([body(3)], 100, totals)).toBeCloseTo((rarity * 3 * 2.2) / (3 + 1.2), 5);
    expect(scoreOf([body(3)], 200, totals)).toBeCloseTo((rarity * 3 * 2.2) / (3 + 1.2 * 1.75), 5);
  });

  it("adds up over the words, the rarer ones more", () => {
    const [rare, common] = [scoreOf([body(1, 2)], 100, totals), scoreOf([body(1, 90)], 100, totals)];
    expect(rare).toBeGreaterThan(5 * common);
    expect(scoreOf([body(1, 2), body(1, 90)], 100, totals)).toBeCloseTo(rare + common, 5);
  });

  it("is higher for more of a word, for a shorter document, and most for the title", () => {
    expect(scoreOf([body(2)], 100, totals)).toBeGreaterThan(scoreOf([body(1)], 100, totals));
    expect(scoreOf([body(1)], 50, totals)).toBeGreaterThan(scoreOf([body(1)], 100, totals));
    const title = { occurrences: { inTitle: 1, inBody: 0 }, documents: 10 };
    expect(scoreOf([title], 100, totals)).toBeGreaterThan(scoreOf([body(3)], 100, totals));
  });

  it("is above zero where the totals lag behind, or are not there", () => {
    expect(scoreOf([body(1, 120)], 100, totals)).toBeGreaterThan(0);
    expect(scoreOf([body(1, 1)], 0, { documents: 0, length: 0 })).toBeGreaterThan(0);
  });

  it("of two equals puts the lower id first", () => {
    const [a, b, c] = [
      { score: 1, documentId: "a" },
      { score: 1, documentId: "b" },
      { score: 2, documentId: "c" },
    ] as const;
    expect([b, a, c].sort(betterFirst)).toStrictEqual([c, a, b]);
    expect(betterFirst(a, { ...a })).toBe(0);
  });
});

describe("a count, about", () => {
  it("is exact up to 15 and never more than an eighth too small", () => {
    for (let count = 0; count < 16; count += 1) expect(about(count)).toBe(count);
    for (let count = 16; count < 200_000; count = Math.ceil(count * 1.03)) {
      expect(about(count)).toBeLessThanOrEqual(count);
      expect(about(count)).toBeGreaterThan((count * 7) / 8);
      expect(about(about(count))).toBe(about(count));
    }
  });
});

describe("the length of a list", () => {
  it.each([1_000, 30_000])("of %d is told by its first hundred places within a third", (length) => {
    const places = Array.from({ length }, (_, index) => placeOf(`DOC-${index}`)).sort();
    const estimate = estimateOf(100, places[99] ?? "");
    expect(Math.abs(estimate - length)).toBeLessThan(length / 3);
  });
});
