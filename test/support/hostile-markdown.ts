import { assessCompliance } from "../../domain/documents/compliance/assess.ts";

/** The largest document that the API takes. */
const SIZE = 1_048_576;

function filledWith(piece: string): string {
  return piece.repeat(Math.ceil(SIZE / piece.length));
}

/** A list within a list within a list, and then nothing but blank lines, each of which could belong to all of them. */
function deepList(): string {
  let text = "";
  for (let depth = 0; text.length < SIZE / 2; depth++) text += `${" ".repeat(2 * depth)}- a\n`;
  return text + "\n".repeat(SIZE / 2);
}

/** Each is bad for some way of reading Markdown: quadratic time, a deep stack, or a large tree. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  "blanks in one line": filledWith(" "),
  "line ends": filledWith("\n"),
  "quotes within quotes": filledWith("> "),
  "quotes within quotes, then blank lines": filledWith(">").slice(SIZE / 2) + filledWith("\n").slice(SIZE / 2),
  "lines of empty quotes": filledWith(">\n"),
  items: filledWith("- a\n"),
  "items within items": `${filledWith("* ")}x`,
  "deep list": deepList(),
  "one row after the other": filledWith("|a|\n"),
  "a divider of blanks": `|a|\n|${filledWith(" ")}`,
  "a divider of cells": `|a|\n|${filledWith("---|")}x|`,
  backticks: filledWith("`"),
  "code in a quote": `> ~~~\n${filledWith("> a\n")}`,
  "comments that nobody ends": filledWith("<!--\n"),
  "an element with attributes": `<a${filledWith(" b=c")}`,
  "an element with blanks": `<a b${filledWith(" ")}`,
  brackets: filledWith("["),
  "a reference that nobody ends": `[a]: b "${filledWith("x\n")}`,
  "what might be alerts": filledWith("> [! "),
  asterisks: filledWith("*"),
  "a heading of blanks": `# ${filledWith(" ")}`,
  "an item of blanks": `-${filledWith(" ")}`,
};

const judged = Object.entries(DOCUMENTS).map(([name, text]) => {
  const startedAt = performance.now();
  // With a block of tildes the parser has to read it.
  const { score } = assessCompliance(`~~~\n~~~\n${text}`);
  return { name, score, ms: Math.round(performance.now() - startedAt) };
});
process.stdout.write(JSON.stringify(judged));
