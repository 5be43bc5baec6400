import type { Occurrences } from "./document-terms.ts";

/** The documents that a search tells apart. */
export const STATUSES = ["active", "archived"] as const;
export type Status = (typeof STATUSES)[number];

/** A list of postings: the documents of a project and a status that have a term. */
export interface TermList {
  projectId: string;
  status: Status;
  term: string;
}

/** A document in such a list, with all that ranking needs to know of it. */
export interface Posting extends Occurrences {
  documentId: string;
  /** Its words, about. */
  length: number;
}

const EXACT_BITS = 4;

/**
 * A count to four binary digits, at most an eighth too small. So a document that grows by a few words keeps its postings;
 * no ranking is finer than this.
 */
export function about(count: number): number {
  if (count < 2 ** EXACT_BITS) return count;
  const unit = 2 ** (Math.floor(Math.log2(count)) - EXACT_BITS + 1);
  return Math.floor(count / unit) * unit;
}
