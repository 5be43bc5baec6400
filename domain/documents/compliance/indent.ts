const TAB_STOP = 4;
const INDENT = /^[ \t]*/;

/** How many columns a line is indented; a tab goes on to the next multiple of four, as in Markdown. */
export function indentOf(line: string): number {
  let column = 0;
  for (const character of INDENT.exec(line)?.[0] ?? "") {
    column += character === "\t" ? TAB_STOP - (column % TAB_STOP) : 1;
  }
  return column;
}
