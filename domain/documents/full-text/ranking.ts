import type { Occurrences } from "./document-terms.ts";
import type { Totals } from "./totals.ts";

/** The usual parameters of BM25: how soon more of the same word stops to count, and how much length counts. */
const K1 = 1.2;
const B = 0.75;
/** A word in the title says as much as so many in the body. */
const TITLE_WEIGHT = 4;

/** A score as answers and cursors have it: the same number, wherever it was worked out. */
const SCORE_DIGITS = 1e6;

/**
 * How much a word tells, by how few documents have it.
 * @param documents that have it
 */
function rarity(documents: number, all: number): number {
  return Math.log(1 + (Math.max(all, documents) - documents + 0.5) / (documents + 0.5));
}

/** A word of a query, as one document has it. */
export interface WordInDocument {
  occurrences: Occurrences;
  /** How many documents have it. */
  documents: number;
}

/**
 * How well a document answers a query: BM25 over the words of title and body, where those of the title weigh more.
 * @param length of the document, in words
 * @returns a number above zero; comparable within a query only
 */
export function scoreOf(words: readonly WordInDocument[], length: number, totals: Totals): number {
  const average = totals.documents > 0 && totals.length > 0 ? totals.length / totals.documents : length || 1;
  const score = words.reduce((sum, { occurrences, documents }) => {
    const frequency = occurrences.inBody + TITLE_WEIGHT * occurrences.inTitle;
    const saturation = frequency + K1 * (1 - B + (B * length) / average);
    return sum + (rarity(documents, totals.documents) * frequency * (K1 + 1)) / saturation;
  }, 0);
  return Math.round(score * SCORE_DIGITS) / SCORE_DIGITS;
}

/** The better one first; of two equals always the same one. */
export function betterFirst(
  left: { score: number; documentId: string },
  right: { score: number; documentId: string },
): number {
  return (
    right.score - left.score || (left.documentId < right.documentId ? -1 : left.documentId > right.documentId ? 1 : 0)
  );
}
