import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { linesOf } from "../../../../domain/documents/lines.ts";
import { literalPattern } from "../../../../domain/documents/reference-search/literal.ts";
import { headingFilter, regexPattern } from "../../../../domain/documents/reference-search/regex.ts";
import { type Search, type Snippet, searchText } from "../../../../domain/documents/reference-search/search.ts";

function searchFor(text: string, query: string, search: Partial<Search> = {}) {
  const pattern = literalPattern(query, false);
  return searchText(text, { pattern, contextLines: 0, maxResults: 100, ...search });
}

/** Of each snippet the one field. */
function found<Field extends keyof Snippet>(field: Field, text: string, query: string, search: Partial<Search> = {}) {
  return searchFor(text, query, search).snippets.map((snippet) => snippet[field]);
}

const DOCUMENT = [
  "before x",
  "# One",
  "x",
  "```",
  "# no heading x",
  "```",
  "## Two x \t",
  "####### no heading",
  "#no heading",
  " # no heading x",
  "######\tSix",
  "x",
].join("\n");

describe("a search", () => {
  it("gives each line that matches, once, with everything around it", () => {
    expect(searchFor("# A\r\nb\rc x X\nd", "x", { contextLines: 1 })).toEqual({
      snippets: [
        {
          line_number: 3,
          section: "# A",
          section_line: 1,
          context_before: ["b"],
          matched_line: "c x X",
          context_after: ["d"],
          match_positions: [
            [2, 3],
            [4, 5],
          ],
        },
      ],
      truncated: false,
    });
  });

  it("finds nothing in nothing", () => {
    expect(searchFor("", "x")).toEqual({ snippets: [], truncated: false });
  });

  it("counts positions in characters", () => {
    expect(found("match_positions", "😀x😀😀x\n", "x")).toEqual([
      [
        [1, 2],
        [4, 5],
      ],
    ]);
    expect(found("match_positions", "a😀b😀", "😀")).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  it("lets contexts overlap, and ends them with the text", () => {
    const search = { contextLines: 2 };
    expect(found("context_before", "a\nx\nx\nb", "x", search)).toEqual([["a"], ["a", "x"]]);
    expect(found("context_after", "a\nx\nx\nb", "x", search)).toEqual([["x", "b"], ["b"]]);
  });

  it("ends after so many lines, and says whether there are more", () => {
    const outcome = (text: string) => {
      const { snippets, truncated } = searchFor(text, "x", { maxResults: 2 });
      return [snippets.length, truncated];
    };
    expect([outcome("x\nx\nx"), outcome("x\nx\na"), outcome("x")]).toEqual([
      [2, true],
      [2, false],
      [1, false],
    ]);
  });

  it("looks at each line by itself", async () => {
    const at = async (regex: string) => {
      const pattern = await regexPattern("query", regex, true);
      return found("line_number", "ab\r\nb\n\na\rb", "", { pattern });
    };
    expect(await at("^b$")).toEqual([2, 5]);
    expect(await at("a\\s*b")).toEqual([1]);
    expect(await at("(?s)a.b")).toEqual([]);
    expect(await at("\\r|\\n")).toEqual([]);
    expect(await at("x*")).toEqual([1, 2, 3, 4, 5]);
  });

  it("finds what a search of each line finds", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "A", "\n", "\r", "😀"), maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.constantFrom("a", "ab", "aa", "😀"), (text, query) => {
        const lines = linesOf(text).map((line, index) => ({ line, number: index + 1 }));
        const matching = lines.filter(({ line }) => line.toLowerCase().includes(query));
        expect(found("line_number", text, query)).toEqual(matching.map(({ number }) => number));
        for (const { matched_line, match_positions } of searchFor(text, query).snippets) {
          const characters = [...matched_line];
          for (const span of match_positions)
            expect(
              characters
                .slice(...span)
                .join("")
                .toLowerCase(),
            ).toBe(query);
        }
      }),
    );
  });
});

describe("the section of a line", () => {
  it("is the nearest heading at or above it, with its number signs", () => {
    const headings = ["", "# One", "# One", "## Two x", "## Two x", "######\tSix", "######\tSix"];
    expect(found("section", DOCUMENT, "x")).toEqual(headings);
    expect(found("section_line", DOCUMENT, "x")).toEqual([0, 2, 2, 7, 7, 11, 11]);
  });

  it("is never in a fenced line, though that is searched", () => {
    expect(found("line_number", DOCUMENT, "x")).toEqual([1, 3, 5, 7, 10, 11, 12]);
  });

  it("can be asked for by a pattern in any case, found anywhere in the heading", async () => {
    const lines = async (section: string) =>
      found("line_number", DOCUMENT, "x", { isWanted: await headingFilter("section", section) });
    expect(await lines("one")).toEqual([3, 5]);
    expect(await lines("^#{2} two")).toEqual([7, 10]);
    expect(await lines("^$")).toEqual([1]);
    expect(await lines("no heading")).toEqual([]);
    expect(await lines("")).toEqual([1, 3, 5, 7, 10, 11, 12]);
  });
});

describe("an answer that would be too large", () => {
  it("shows the beginnings of long lines, with true positions, and says so", () => {
    const [snippet] = searchFor(`${"😀".repeat(30_000)}x\nb`, "x", { contextLines: 1 }).snippets;
    expect(snippet).toMatchObject({ cut: true, context_after: ["b"], match_positions: [[30_000, 30_001]] });
    expect(snippet?.matched_line).toBe("😀".repeat(20_000));
    const [around] = searchFor(`${"a".repeat(20_001)}\nx`, "x", { contextLines: 1 }).snippets;
    expect(around).toMatchObject({ cut: true, context_before: ["a".repeat(20_000)], matched_line: "x" });
    expect(searchFor("a".repeat(20_000), "aa").snippets[0]).not.toHaveProperty("cut");
  });

  it("tells of ten thousand matches in a line", () => {
    const [snippet] = searchFor("x".repeat(10_001), "x").snippets;
    expect([snippet?.match_positions.length, snippet?.cut]).toEqual([10_000, true]);
    expect(searchFor("x".repeat(10_000), "x").snippets[0]).not.toHaveProperty("cut");
  });

  it("has fewer lines than were asked for", () => {
    const line = `${"\u0001".repeat(19_000)}x`;
    const { snippets, truncated } = searchFor(`${line}\n`.repeat(100), "x", { contextLines: 10 });
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippets.length).toBeLessThan(10);
    expect(truncated).toBe(true);
    expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(snippets) }))).toBeLessThan(6 * 1024 * 1024);
  });

  it("has a line in the worst case", () => {
    const line = "\u0001".repeat(30_000);
    const text = `# ${line}\n${`${line}\n`.repeat(20)}x${line}\n${`${line}\n`.repeat(20)}`;
    expect(searchFor(text, "x", { contextLines: 10 })).toMatchObject({ snippets: [{ cut: true }], truncated: false });
  });
});
