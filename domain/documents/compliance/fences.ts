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

const BACKTICKS = /^`{3,}/;

/** What stands behind the backticks of a fence; undefined for a line that is none. */
function fenceInfo(line: string): string | undefined {
  const text = line.trim();
  const backticks = BACKTICKS.exec(text)?.[0];
  return backticks === undefined ? undefined : text.slice(backticks.length).trim();
}

/**
 * Finds the blocks fenced with backticks. Fences open and close in turn, however long and however far indented they
 * are, and whatever block they stand in: a writer sees at a glance what is code, and so does the score. Behind an opening
 * fence stands no backtick; such a line is text with code in it.
 */
export function findFences(lines: readonly string[]): Fences {
  const fenced = new Uint8Array(lines.length);
  const openings: OpeningFence[] = [];
  let open: OpeningFence | undefined;
  lines.forEach((line, at) => {
    const info = fenceInfo(line);
    const closes = open !== undefined && info !== undefined;
    if (open === undefined && info !== undefined && !info.includes("`")) {
      open = { at, info };
      openings.push(open);
    }
    if (open !== undefined) fenced[at] = 1;
    if (closes) open = undefined;
  });
  return { fenced, openings, unclosed: open };
}
