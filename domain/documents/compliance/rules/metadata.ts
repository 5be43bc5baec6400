import type { Rule } from "../rule.ts";

const NAMES = ["Project", "Related", "Created", "Author"];
const WITHIN_LINES = 30;

export const metadata: Rule = {
  id: "metadata",
  title: "The head says where the document comes from",
  checks: `\`**Project**:\`, \`**Related**:\`, \`**Created**:\` and \`**Author**:\` stand in the first ${WITHIN_LINES} lines.`,
  explanation:
    "A reader judges a text by who wrote it, when, and for what; the text carries this along wherever it goes.",
  *find({ lines }) {
    const head = lines.slice(0, WITHIN_LINES);
    for (const name of NAMES) {
      const field = `**${name}**:`;
      if (!head.some((line) => line.includes(field))) {
        yield { message: `\`${field}\` is missing in the first ${WITHIN_LINES} lines` };
      }
    }
  },
};
