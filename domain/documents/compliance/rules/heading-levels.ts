import type { Rule } from "../rule.ts";

export const headingLevels: Rule = {
  id: "heading-levels",
  title: "Headings go down one level at a time",
  checks:
    "A heading of level 1 stands on the first line only, and no heading is more than one level below the one before it.",
  explanation: "Outlines, tables of contents and the splitting into sections for a search all follow the levels.",
  *find({ headings, first }) {
    let previous: number | undefined;
    for (const { at, level } of headings) {
      if (level === 1 && at !== first)
        yield { at, message: "a heading of level 1 should stand on the first line only" };
      if (previous !== undefined && level > previous + 1) {
        yield { at, message: `a heading of level ${level} follows one of level ${previous}: a level is left out` };
      }
      previous = level;
    }
  },
};
