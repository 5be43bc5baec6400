const PARAGRAPH =
  "A paragraph as people write it: some words, `code`, a [link](https://example.com/a), and **what matters**, until the " +
  "line is about as long as lines in Markdown files are when nobody wraps them.";
const SECTION = [
  "## A section",
  "",
  PARAGRAPH,
  "",
  "- one",
  "- two",
  "",
  "```sh",
  "npm test",
  "```",
  "",
  PARAGRAPH,
  "",
];

/** Markdown of about so many bytes. */
export function markdownOf(bytes: number): string {
  const section = SECTION.join("\n");
  return `# DOC-ABCDEF A document\n\n${section.repeat(Math.ceil(bytes / section.length))}`.slice(0, bytes);
}
