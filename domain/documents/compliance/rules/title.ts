import type { Rule } from "../rule.ts";

const TITLE = /^#\s+\S/;
const TITLE_WITH_ID = /^#\s+(?:[A-Z]{3}-(?:TSK|ISS|FTR)-\d{3,}(?:-[0-9][A-Z])?|DOC-[A-Z0-9]{6,})\s+\S/;

export const title: Rule = {
  id: "title",
  title: "The title names what the document belongs to",
  checks:
    "The first line that is not blank is `# <ID> <text>`: the id of a task, issue, feature or document, and a text.",
  explanation: "Whoever finds the text elsewhere, in a search or in a prompt, still knows which record it is about.",
  *find({ lines, first }) {
    if (first === undefined) {
      yield { message: "the document is empty: it should begin with `# <ID> <text>`" };
      return;
    }
    const line = lines[first] ?? "";
    if (!TITLE.test(line)) {
      yield { at: first, message: "the first line should be the title, `# <ID> <text>`, not indented" };
    } else if (!TITLE_WITH_ID.test(line)) {
      yield {
        at: first,
        message: "the title should begin with an id, as in `# ENC-TSK-001 <text>` or `# DOC-1A2B3C <text>`",
      };
    }
  },
};
