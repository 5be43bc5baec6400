import type { Markdown } from "./markdown.ts";

/** Something that a rule finds in a document. */
export interface Found {
  /** The index of its line, from 0; none where the whole document is meant. */
  at?: number;
  message: string;
}

export interface Rule {
  /** What findings and the guide call it. */
  id: string;
  title: string;
  /** What it checks, in one sentence. */
  checks: string;
  /** Why it is asked for. */
  explanation: string;
  /** In the order of the lines. */
  find(document: Markdown): Iterable<Found>;
}
