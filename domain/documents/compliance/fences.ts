import { Fences as FencedLines } from "../lines.ts";

/** Where a fenced block begins. */
export interface OpeningFence {
  /** The index of its line, from 0. */
  at: number;
  /** What stands behind the backticks, trimmed: the language. */
  info: string;
}

export interface Fences {
  /** For each line 1 if it is a fence or stands between two, else 0. */
  fenced: Uint8Array;
  openings: OpeningFence[];
  /** The last opening fence, where nothing closes it. */
  unclosed: OpeningFence | undefined;
}

/**
 * Finds the blocks fenced with backticks. Fences open and close in turn, however long and however far indented they
 * are, and whatever block they stand in: a writer sees at a glance what is code, and so does the score. Behind an opening
 * fence stands no backtick; such a line is text with code in it.
 */
export function findFences(lines: readonly string[]): Fences {
  const walk = new FencedLines();
  const fenced = new Uint8Array(lines.length);
  const openings: OpeningFence[] = [];
  lines.forEach((line, at) => {
    const wasOpen = walk.isOpen;
    fenced[at] = walk.includes(line, 0, line.length) ? 1 : 0;
    if (!wasOpen && walk.isOpen) openings.push({ at, info: line.trim().replace(/^`+/, "").trim() });
  });
  return { fenced, openings, unclosed: walk.isOpen ? openings.at(-1) : undefined };
}
