import { parser } from "@lezer/markdown";

/** Blocks whose lines are no Markdown. Fences of backticks are found by lines and never get here. */
const NO_MARKDOWN: readonly string[] = [
  "CodeBlock",
  "FencedCode",
  "HTMLBlock",
  "CommentBlock",
  "ProcessingInstructionBlock",
];

/** Where none of these is, there is none of those blocks, and the parser need not be asked. */
const MAY_BE_CODE_OR_HTML = /~~~|<|\t| {4}/;

/**
 * What stands within a line is not looked at. Reference definitions are read like the paragraphs that they look like:
 * the parser would read an open one again with each further line.
 */
const NOT_NEEDED = [
  "Escape",
  "Entity",
  "InlineCode",
  "HTMLTag",
  "Emphasis",
  "HardBreak",
  "Link",
  "Image",
  "LinkEnd",
  "LinkReference",
];

/** Lists and quotes within each other, a list and its item counting as two; what is deeper is read as plain text. */
const DEEPEST = 48;

/** A document is parsed in stretches of about so many characters, so that what the parser keeps does not grow with it. */
export const STRETCH = 16 * 1024;

type Tree = ReturnType<typeof parser.parse>;

let blocks: typeof parser | undefined;

/** The parser of blocks alone, made when it is needed: the library is loaded at its first use. */
function blockParser(): typeof parser {
  blocks ??= parser.configure({
    remove: NOT_NEEDED,
    parseBlock: [
      {
        name: "TooDeep",
        before: "IndentedCode",
        parse: (context) => {
          if (context.depth < DEEPEST) return false;
          context.nextLine();
          return true;
        },
      },
      // Of text there are most blocks, and none is asked for: they are read, but not kept.
      { name: "Text", leaf: () => ({ nextLine: () => false, finish: () => true }) },
    ],
  });
  return blocks;
}

/** The end of a line behind which a block of the document begins for certain, unless it is within one of code or HTML. */
const FRESH_START = /\n(?=\n[^\s>]|(?:[-*+]|#{1,6})[ \t]+\S)/;

/**
 * Where the parser may stop: between two blocks of the document if there is such a place in reach, so that no list or
 * quote is cut; else wherever a block ends. That is behind the last text there: the parser stops before the first line
 * that begins later, and blank lines it takes together with the block behind them.
 */
function mayStopAt(text: string, from: number): number {
  const found = text.slice(from + STRETCH, from + 2 * STRETCH).search(FRESH_START);
  let at = from + STRETCH + Math.max(found, 0);
  while (found >= 0 && at > from && text.charAt(at).trim() === "") at -= 1;
  return at;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/**
 * Parses a stretch of a text, up to the end of the block that is open where the parser may stop.
 * @param most about how long it may become, so that no quote grows without end; code or HTML goes on beyond
 */
function parseStretch(text: string, from: number, most: number): Tree {
  const to = endOfLine(text, from + most);
  const parse = blockParser().startParse(text, [], [{ from, to }]);
  parse.stopAt(Math.min(mayStopAt(text, from), to));
  let tree = parse.advance();
  while (tree === null) tree = parse.advance();
  const last = tree.topNode.lastChild;
  const goesOn =
    to < text.length && tree.length === to - from && last?.to === tree.length && NO_MARKDOWN.includes(last.name);
  return goesOn ? parseStretch(text, from, 2 * most) : tree;
}

interface Block {
  from: number;
  to: number;
}

/** The blocks of a text that are code or HTML, in its order. */
function* codeAndHtmlBlocks(text: string): Generator<Block> {
  for (let from = 0; from < text.length; ) {
    const tree = parseStretch(text, from, 4 * STRETCH);
    const found: Block[] = [];
    tree.iterate({
      enter: (node) => {
        if (!NO_MARKDOWN.includes(node.name)) return true;
        found.push({ from: from + node.from, to: from + node.to });
        return false;
      },
    });
    yield* found;
    from += tree.length;
  }
}

/**
 * Finds the lines that a Markdown parser (CommonMark) takes for code or HTML: fences of tildes, indented code, HTML blocks
 * and comments. A line on which such a block only begins, behind the mark of a list or quote, is not one of them.
 * @param lines without line ends
 * @param fenced what is code already; the parser sees blank lines there, so that nothing in it can mislead it
 * @returns for each line 1 or 0
 */
export function linesOfCodeAndHtml(lines: readonly string[], fenced: Uint8Array): Uint8Array {
  const found = new Uint8Array(lines.length);
  const visible = lines.map((line, at) => (fenced[at] ? "" : line));
  const text = visible.join("\n");
  if (!MAY_BE_CODE_OR_HTML.test(text)) return found;
  let at = 0;
  let start = 0;
  const next = () => {
    start += (visible[at]?.length ?? 0) + 1;
    at += 1;
  };
  for (const { from, to } of codeAndHtmlBlocks(text)) {
    while (start + (visible[at]?.length ?? 0) < from) next();
    const before = visible[at]?.slice(0, from - start) ?? "";
    if (before.trim() !== "") next();
    for (; at < lines.length && start <= to; next()) found[at] = 1;
  }
  return found;
}
