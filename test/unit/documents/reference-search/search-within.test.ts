import { describe, expect, it } from "@jest/globals";
import { searchWithin } from "../../../../domain/documents/reference-search/search-reference.ts";

const SEARCH = { isRegex: true, isCaseSensitive: false, contextLines: 0, maxResults: 100, section: undefined };
const PLENTY = 60_000;

describe("a search with a limit in time", () => {
  it("looks for a text as it is, or for a pattern", async () => {
    const positions = async (isRegex: boolean) => {
      const { snippets } = await searchWithin(PLENTY, "a.C abc", { ...SEARCH, query: "a.c", isRegex });
      return snippets.map(({ match_positions }) => match_positions);
    };
    expect(await positions(false)).toEqual([[[0, 3]]]);
    expect(await positions(true)).toEqual([
      [
        [0, 3],
        [4, 7],
      ],
    ]);
  });

  it("is refused with what to do when it takes longer", async () => {
    const text = `${"ab".repeat(500)}\n`.repeat(1_000);
    const search = { ...SEARCH, query: "(a|b)*a(a|b){30}c" };
    await expect(searchWithin(1, text, search)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "The pattern takes too long on a document of this size.",
      details: { next_action: expect.stringMatching(/regex=false/) },
    });
  });

  it.each(["(a|aa)+$", "(a*)*b", "(.*a){20}", ".*.*.*x", "(?i)(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "takes what freezes a backtracking engine: %s",
    async (query) => {
      const text = `${"a".repeat(5_000)}!\n`.repeat(4);
      expect(await searchWithin(PLENTY, text, { ...SEARCH, query })).toMatchObject({ truncated: false });
    },
  );
});
