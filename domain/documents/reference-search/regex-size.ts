const REPETITION = /\{(\d{1,9})(,(\d{0,9}))?\}/y;

/** How often `{2}`, `{2,}` or `{2,5}` at a place repeats what stands before it, and how long it is written. */
function repetitionAt(pattern: string, index: number): { times: number; length: number } | undefined {
  REPETITION.lastIndex = index;
  const match = REPETITION.exec(pattern);
  if (!match) return undefined;
  return { times: Math.max(1, Number(match[1]), Number(match[3] || 0)), length: match[0].length };
}

/** Where a class such as `[^]a[:alpha:]\]]` that begins at a place ends. */
function endOfClass(pattern: string, begin: number): number {
  let index = begin + (pattern[begin + 1] === "^" ? 2 : 1);
  for (let isFirst = true; index < pattern.length; isFirst = false) {
    const named = pattern.startsWith("[:", index) ? pattern.indexOf(":]", index + 2) : -1;
    if (named >= 0) index = named + 2;
    else if (pattern[index] === "]" && !isFirst) return index + 1;
    else index += pattern[index] === "\\" ? 2 : 1;
  }
  return pattern.length;
}

/** Where an escape such as `\d`, `\pL`, `\p{Greek}` or `\x{1F600}` that begins at a place ends. */
function endOfEscape(pattern: string, begin: number): number {
  const name = pattern[begin + 1] ?? "";
  if (!"pPx".includes(name) || pattern[begin + 2] !== "{") return begin + 2;
  const end = pattern.indexOf("}", begin + 2);
  return end < 0 ? pattern.length : end + 1;
}

const FLAGS = /\(\?[\w-]*\)/y;

/** How long a change of flags such as `(?i)` at a place is written; it is no part that an operator could repeat. */
function flagsAt(pattern: string, index: number): number {
  FLAGS.lastIndex = index;
  return FLAGS.exec(pattern)?.[0].length ?? 0;
}

/** A group, or the whole pattern: how large it is so far, and its last part, which an operator would repeat. */
interface Group {
  size: number;
  last: number;
}

/**
 * How large a regular expression is once its repetitions are written out: `(a{10}b){10}` is 100 times `a` and ten times
 * `b`. A pattern of a few characters can stand for a program of many megabytes, so this is known before it is compiled.
 * @returns about how many parts, never less than half of them; nothing is said of patterns that are not valid
 */
export function writtenOutSize(pattern: string): number {
  const open: Group[] = [{ size: 0, last: 0 }];
  const current = () => open.at(-1) ?? { size: 0, last: 0 };
  const addPart = (size: number) => {
    const group = current();
    group.size += size;
    group.last = size;
  };
  for (let index = 0; index < pattern.length; ) {
    const character = pattern[index];
    const repetition = character === "{" ? repetitionAt(pattern, index) : undefined;
    if (repetition) {
      const group = current();
      group.size += group.last * (repetition.times - 1);
      group.last *= repetition.times;
      index += repetition.length;
    } else if (pattern.startsWith("\\Q", index)) {
      const end = pattern.indexOf("\\E", index);
      for (const _ of pattern.slice(index + 2, end < 0 ? undefined : end)) addPart(1);
      index = end < 0 ? pattern.length : end + 2;
    } else if (character === "\\") {
      addPart(1);
      index = endOfEscape(pattern, index);
    } else if (character === "[") {
      addPart(1);
      index = endOfClass(pattern, index);
    } else if (character === "(") {
      const flags = flagsAt(pattern, index);
      if (flags === 0) open.push({ size: 2, last: 0 });
      index += Math.max(1, flags);
    } else if (character === ")" && open.length > 1) {
      addPart(open.pop()?.size ?? 0);
      index += 1;
    } else if ("*+?".includes(character ?? "")) {
      current().size += 1;
      current().last += 1;
      index += 1;
    } else {
      addPart(1);
      index += 1;
    }
  }
  return open.reduce((sum, { size }) => sum + size, 0);
}
