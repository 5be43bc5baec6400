import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { headingFilter, regexPattern } from "../../../../domain/documents/reference-search/regex.ts";
import { writtenOutSize } from "../../../../domain/documents/reference-search/regex-size.ts";

async function spans(regex: string, line: string, isCaseSensitive = true, most = 100) {
  return (await regexPattern("query", regex, isCaseSensitive)).spansIn(line, 0, line.length, most);
}

describe("a regular expression of a caller's", () => {
  it("is found at every place, without overlaps, empty matches too", async () => {
    expect(await spans("aa|b", "aaab")).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(await spans("a*", "baa")).toEqual([
      [0, 0],
      [1, 3],
      [3, 3],
    ]);
    expect(await spans("x*", "😀")).toEqual([
      [0, 0],
      [2, 2],
    ]);
    expect(await spans("a*", "")).toEqual([[0, 0]]);
    expect(await spans("a", "aaa", true, 2)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("has the syntax of RE2", async () => {
    expect(await spans("(?i)ab", "AB")).toEqual([[0, 2]]);
    expect(await spans("(?P<word>\\w+)-\\pL", "ab-ü")).toEqual([[0, 4]]);
    expect(await spans("\\QA.c\\E", "abc A.c")).toEqual([[4, 7]]);
  });

  it("looks at case as it is told to, whatever the letters", async () => {
    expect(await spans("straße", "STRAẞE", false)).toEqual([[0, 6]]);
    expect(await spans("straße", "STRAẞE")).toEqual([]);
  });

  it.each([
    "(?=a)",
    "(?<=a)b",
    "(?!a)",
    "(a)\\1",
    "(",
    ")",
    "[a",
    "a**",
    "*",
    "\\",
    "(?P<n>",
    "a{1001}",
    "\\pX",
    "(?z)",
  ])("is none: %s", async (regex) => {
    const details = { fields: [{ field: "query", message: expect.stringMatching(/^not a regular expression/) }] };
    await expect(regexPattern("query", regex, true)).rejects.toMatchObject({ code: "INVALID_INPUT", details });
    await expect(headingFilter("section", regex)).rejects.toThrow(/^section: /);
  });

  it.each(["((a{1000}){1000})", `(${"a?".repeat(240)}){1000}`, ".{1000}".repeat(71), "[^a]{0,700}".repeat(3)])(
    "is too large: %s",
    async (regex) => {
      await expect(regexPattern("query", regex, true)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    },
  );

  it.each([".{0,1000}x", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "(\\d{1,3}\\.){3}\\d{1,3}", "a".repeat(500)])(
    "is not too large: %s",
    async (regex) => {
      await expect(regexPattern("query", regex, true)).resolves.toBeDefined();
    },
  );

  it("is refused as such, whatever it is", async () => {
    const pieces = fc.constantFrom(
      ..."a ( (?: (?i) ) [ [^ ] [: :] - \\ \\Q \\E \\pL {9} {2,} { } * + ? | ^ $ . é 😀 \\C \\b".split(" "),
    );
    const patterns = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(""));
    await fc.assert(
      fc.asyncProperty(patterns, async (regex) => {
        const refusal = await regexPattern("query", regex, false).then(
          (pattern) => pattern.isIn("aéa b😀", 0, 7) && undefined,
          (error: unknown) => error,
        );
        expect(refusal ? (refusal as { code: string }).code : "INVALID_INPUT").toBe("INVALID_INPUT");
      }),
    );
  });
});

describe("the size of a pattern that is written out", () => {
  it.each([
    ["abc", 3],
    ["a{3}b{2,5}c{2,}", 10],
    ["(ab){10}", 40],
    ["(a{10}b){10}", 130],
    ["[]{9}]{2}", 2],
    ["[[:alpha:]{9}]", 1],
    ["\\{{2}\\p{Greek}{3}", 5],
    ["\\Qa{9}\\E{2}", 5],
    ["a{2}(?i){3}", 6],
    ["a{,9}", 5],
  ])("%s: %d", (pattern, size) => {
    expect(writtenOutSize(pattern)).toBe(size);
  });

  it("is that of its program, but for a factor", () => {
    const part = fc.letrec<{ part: string }>((tie) => ({
      part: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom("a", "[a-z]", "\\d", "\\p{Greek}", "\\Qxy\\E", "[]x]", "[[:alpha:]{9}]", "\\{", "(?i)a"),
        fc.tuple(tie("part"), tie("part")).map((both) => both.join("")),
        fc.tuple(tie("part"), tie("part")).map((both) => `(${both.join("|")})`),
        fc
          .tuple(tie("part"), fc.constantFrom("*", "+?", "?", "{3}", "{2,}", "{0,9}", "(?s){4}"))
          .map(([one, times]) => `(?:${one})${times}`),
      ),
    })).part;
    fc.assert(
      fc.property(part, (pattern) => {
        const size = writtenOutSize(pattern);
        fc.pre(size < 5_000);
        expect(RE2JS.compile(pattern).programSize()).toBeLessThanOrEqual(2 * (size + 2));
      }),
    );
  });
});
