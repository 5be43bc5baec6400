import { firstCharacters } from "@enceladus/shared/text";
import { Fences, LineWalker, linesBefore, linesFrom } from "../lines.ts";
import type { Pattern, Span } from "./pattern.ts";

/** Code points of a line that an answer shows. */
const MOST_OF_A_LINE = 20_000;
/** Matches in one line of which an answer tells. */
const MOST_MATCHES = 10_000;
/**
 * Bytes of snippets in an answer. A function may answer 6 MB, counted as the JSON text in which the answer, a JSON text
 * itself, is a value.
 */
const MOST_BYTES = 5_000_000;

/** A search, all of it validated. */
export interface Search {
  pattern: Pattern;
  /** Whether the lines below a heading are searched; those above every heading have an empty one. Default: all are. */
  isWanted?: ((heading: string) => boolean) | undefined;
  contextLines: number;
  maxResults: number;
}

/** A line with matches, as answers show it. */
export interface Snippet {
  line_number: number;
  section: string;
  section_line: number;
  context_before: string[];
  matched_line: string;
  context_after: string[];
  match_positions: Span[];
  /** That a line is longer than it is shown, or has more matches than are told. */
  cut?: true;
}

export interface SearchResult {
  snippets: Snippet[];
  /** Whether there are matching lines beyond those. */
  truncated: boolean;
}

/** The part of a document that begins with a heading. */
interface Section {
  heading: string;
  line: number;
  isWanted: boolean;
}

const NUMBER_SIGN = 35;

/** The heading that a line is, with its number signs; undefined for all other lines. */
function headingOf(text: string, start: number, end: number): string | undefined {
  if (text.charCodeAt(start) !== NUMBER_SIGN) return undefined;
  return /^#{1,6}\s/.test(text.slice(start, Math.min(end, start + 7))) ? text.slice(start, end).trimEnd() : undefined;
}

/** Spans in UTF-16 units as spans in code points. */
function inCodePoints(line: string, spans: readonly Span[]): Span[] {
  let unit = 0;
  let points = 0;
  const pointAt = (target: number) => {
    for (; unit < target; points += 1) unit += (line.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    return points;
  };
  return spans.map(([start, end]) => [pointAt(start), pointAt(end)]);
}

function snippetAt(walker: LineWalker, lineNumber: number, section: Section, search: Search): Snippet {
  const { text, start, end, next } = walker;
  const { pattern, contextLines } = search;
  const spans = pattern.spansIn(text, start, end, MOST_MATCHES + 1);
  let isCut = spans.length > MOST_MATCHES;
  const shown = (line: string) => {
    const beginning = firstCharacters(line, MOST_OF_A_LINE);
    isCut ||= beginning.length < line.length;
    return beginning;
  };
  const line = text.slice(start, end);
  const snippet = {
    line_number: lineNumber,
    section: shown(section.heading),
    section_line: section.line,
    context_before: linesBefore(text, start, contextLines).map(shown),
    matched_line: shown(line),
    context_after: linesFrom(text, next, contextLines).map(shown),
    match_positions: inCodePoints(line, spans.slice(0, MOST_MATCHES)),
  };
  return isCut ? { ...snippet, cut: true } : snippet;
}

function bytesOf(snippet: Snippet): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(snippet)));
}

/**
 * The lines of a Markdown text that match, in order, each with its section and the lines around it. It ends after so
 * many lines, and before the answer gets too large to be sent.
 */
export function searchText(text: string, search: Search): SearchResult {
  const { pattern, isWanted = () => true, maxResults } = search;
  const snippets: Snippet[] = [];
  const walker = new LineWalker(text);
  const fences = new Fences();
  let section: Section = { heading: "", line: 0, isWanted: isWanted("") };
  let bytes = 0;
  for (let number = 1; walker.advance(); number += 1) {
    const { start, end } = walker;
    const heading = fences.includes(text, start, end) ? undefined : headingOf(text, start, end);
    if (heading !== undefined) section = { heading, line: number, isWanted: isWanted(heading) };
    if (!section.isWanted || !pattern.isIn(text, start, end)) continue;
    if (snippets.length === maxResults) return { snippets, truncated: true };
    const snippet = snippetAt(walker, number, section, search);
    bytes += bytesOf(snippet);
    if (bytes > MOST_BYTES) return { snippets, truncated: true };
    snippets.push(snippet);
  }
  return { snippets, truncated: false };
}
