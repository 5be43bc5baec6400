import { linesOf } from "../lines.ts";
import { linesOfCodeAndHtml } from "./code-and-html.ts";
import { type Fences, findFences } from "./fences.ts";

export interface Heading {
  /** The index of its line, from 0. */
  at: number;
  level: number;
}

/** A document as the rules see it; lines are counted from 0 here. */
export interface Markdown {
  lines: readonly string[];
  /** The first line that is not blank; undefined where there is none. */
  first: number | undefined;
  fences: Fences;
  headings: readonly Heading[];
  /** A line as Markdown; undefined where there is none, or where it is code or HTML. */
  markdownAt(at: number): string | undefined;
}

const HEADING = /^(#{1,6})\s+\S/;

/** Reads a document, in a time that grows with its length and no faster, whatever stands in it. */
export function readMarkdown(content: string): Markdown {
  const lines = linesOf(content);
  const fences = findFences(lines);
  const codeOrHtml = linesOfCodeAndHtml(lines, fences.fenced);
  const markdownAt = (at: number) => (fences.fenced[at] || codeOrHtml[at] ? undefined : lines[at]);
  const first = lines.findIndex((line) => line.trim() !== "");
  const headings = lines.flatMap((_, at) => {
    const level = HEADING.exec(markdownAt(at) ?? "")?.[1]?.length;
    return level === undefined ? [] : [{ at, level }];
  });
  return { lines, first: first < 0 ? undefined : first, fences, headings, markdownAt };
}
