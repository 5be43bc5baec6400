import type { Rule } from "../rule.ts";

export const oneTitle: Rule = {
  id: "one-title",
  title: "One document has one title",
  checks: "There is at most one heading of level 1.",
  explanation: "Two titles are two documents: each of them could be found, linked and given a version by itself.",
  *find({ headings }) {
    const titles = headings.filter(({ level }) => level === 1);
    const [, second] = titles;
    if (second) yield { at: second.at, message: `there are ${titles.length} headings of level 1; this is the second` };
  },
};
