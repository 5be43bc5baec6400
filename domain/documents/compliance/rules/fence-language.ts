import type { Rule } from "../rule.ts";

export const fenceLanguage: Rule = {
  id: "fence-language",
  title: "Code says its language",
  checks: "Behind the backticks that open a block of code stands its language, `text` if there is none.",
  explanation: "Readers get colours, and agents need not guess whether to run, to parse or to quote it.",
  *find({ fences }) {
    for (const { at, info } of fences.openings) {
      if (info === "") yield { at, message: "a block of code should name its language behind the backticks" };
    }
  },
};
