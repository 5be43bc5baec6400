import type { Rule } from "../rule.ts";

export const fenceClosed: Rule = {
  id: "fence-closed",
  title: "Code comes to an end",
  checks: "The last block of code is closed. Fences open and close in turn, however long they are.",
  explanation: "Behind a fence that stays open everything is code: headings, lists and tables are lost.",
  *find({ fences: { unclosed } }) {
    if (unclosed) yield { at: unclosed.at, message: "this block of code is never closed" };
  },
};
