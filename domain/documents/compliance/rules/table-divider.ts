import type { Rule } from "../rule.ts";

const CELL = /^:?-{3,}:?$/;

function isRow(line: string): boolean {
  const text = line.trim();
  return text.length >= 2 && text.startsWith("|") && text.endsWith("|");
}

function isDivider(line: string): boolean {
  const text = line.trim();
  if (!text.includes("|")) return false;
  const cells = text.slice(text.startsWith("|") ? 1 : 0, text.endsWith("|") ? -1 : undefined).split("|");
  return cells.every((cell) => CELL.test(cell.trim()));
}

export const tableDivider: Rule = {
  id: "table-divider",
  title: "A table has a line under its head",
  checks:
    "Under the first of consecutive lines between pipes stands one like `| --- | --- |`, at least three dashes a column.",
  explanation: "Without it the rows are shown as a paragraph full of pipes.",
  *find({ lines, markdownAt }) {
    let inTable = false;
    for (let at = 0; at < lines.length; at++) {
      const line = markdownAt(at) ?? "";
      const isFirst = !inTable;
      inTable = isRow(line);
      const next = lines[at + 1];
      if (!inTable || !isFirst || next === undefined) continue;
      if (!isDivider(next) && !isDivider(line)) {
        yield { at, message: "the head of a table should be followed by a line like `| --- | --- |`" };
      }
    }
  },
};
