import { indentOf } from "../indent.ts";
import type { Rule } from "../rule.ts";

const ITEM = /^\s*([-*+])\s+\S/;

export const listMarkers: Rule = {
  id: "list-markers",
  title: "A list keeps its marker",
  checks: "Items on consecutive lines that are indented alike begin with the same marker: `-`, `*` or `+`.",
  explanation: "In Markdown another marker begins another list, so that one list falls apart into several.",
  *find({ lines, markdownAt }) {
    // By indent.
    let markers = new Map<number, string>();
    for (let at = 0; at < lines.length; at++) {
      const line = markdownAt(at) ?? "";
      const marker = ITEM.exec(line)?.[1];
      if (marker === undefined) {
        if (markers.size > 0) markers = new Map();
        continue;
      }
      const indent = indentOf(line);
      const first = markers.get(indent);
      if (first === undefined) markers.set(indent, marker);
      else if (first !== marker)
        yield { at, message: `this item begins with \`${marker}\`, the list with \`${first}\`` };
    }
  },
};
