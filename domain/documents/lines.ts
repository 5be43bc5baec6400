const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

function isSeparator(unit: number): boolean {
  return unit === LINE_FEED || unit === CARRIAGE_RETURN;
}

/**
 * Goes through the lines of a text without making a list of them, which for millions of short lines would be many times
 * as large as the text. Lines end at `\r\n`, `\n` or `\r`; a separator at the end begins no further line.
 */
export class LineWalker {
  readonly text: string;
  /** Where the current line begins, in UTF-16 units. */
  start = 0;
  /** Where it ends, without its separator. */
  end = 0;
  #next: number;

  /** @param from where the first line begins */
  constructor(text: string, from = 0) {
    this.text = text;
    this.#next = from;
  }

  /** Goes to the next line. @returns whether there is one */
  advance(): boolean {
    const { text } = this;
    if (this.#next >= text.length) return false;
    let end = this.#next;
    while (end < text.length && !isSeparator(text.charCodeAt(end))) end += 1;
    const isPair = text.charCodeAt(end) === CARRIAGE_RETURN && text.charCodeAt(end + 1) === LINE_FEED;
    this.start = this.#next;
    this.end = end;
    this.#next = end + (isPair ? 2 : 1);
    return true;
  }

  /** Where the line after the current one begins. */
  get next(): number {
    return this.#next;
  }
}

/** The lines of a text, without their separators. An empty text has none. */
export function linesOf(text: string): string[] {
  const lines: string[] = [];
  const walker = new LineWalker(text);
  while (walker.advance()) lines.push(text.slice(walker.start, walker.end));
  return lines;
}

/** How many lines a text has. */
export function countLines(text: string): number {
  let count = 0;
  const walker = new LineWalker(text);
  while (walker.advance()) count += 1;
  return count;
}

/** The last lines before a place where a line begins, at most `count` of them, in their order. */
export function linesBefore(text: string, start: number, count: number): string[] {
  const lines: string[] = [];
  for (let next = start; next > 0 && lines.length < count; ) {
    const isPair = text.charCodeAt(next - 1) === LINE_FEED && text.charCodeAt(next - 2) === CARRIAGE_RETURN;
    const end = next - (isPair ? 2 : 1);
    let begin = end;
    while (begin > 0 && !isSeparator(text.charCodeAt(begin - 1))) begin -= 1;
    lines.push(text.slice(begin, end));
    next = begin;
  }
  return lines.reverse();
}

/** The first lines from a place where a line begins, at most `count` of them. */
export function linesFrom(text: string, start: number, count: number): string[] {
  const lines: string[] = [];
  const walker = new LineWalker(text, start);
  while (lines.length < count && walker.advance()) lines.push(text.slice(walker.start, walker.end));
  return lines;
}

const FENCE = "```";

/** Whether white space as `trim()` takes it away; the usual characters are known without a table. */
function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 0x80 && String.fromCharCode(unit).trim() === "");
}

/** Tells the lines of fenced blocks, the fences among them, from all others; it is shown every line in order. */
export class Fences {
  #isOpen = false;

  /** Whether the last line was in a block that goes on behind it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a line, given by where it is in the text, belongs to a fenced block. */
  includes(text: string, start: number, end: number): boolean {
    let mark = start;
    while (mark < end && isBlank(text.charCodeAt(mark))) mark += 1;
    if (!text.startsWith(FENCE, mark)) return this.#isOpen;
    const info = text.slice(mark, end).replace(/^`+/, "");
    // Code between backticks within one line opens no block (CommonMark 4.5).
    if (!this.#isOpen && info.includes("`")) return false;
    this.#isOpen = !this.#isOpen;
    return true;
  }
}

/** Of each line whether it belongs to a fenced block; one that is never closed goes on to the end. */
export function fencedLines(lines: readonly string[]): boolean[] {
  const fences = new Fences();
  return lines.map((line) => fences.includes(line, 0, line.length));
}
