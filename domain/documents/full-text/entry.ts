import type { Contribution, PostingPlace } from "./contribution.ts";

/**
 * Counts up when words are told apart, stemmed or kept in another way: an entry of an older analysis is made anew as soon
 * as its document is indexed again.
 */
export const ANALYSIS = 1;

/** What the index knows of a document: the one place that says which of its versions the postings are of. */
export interface Entry {
  documentId: string;
  /** Counts the writes of the entry. Whoever writes postings holds the newest one. */
  revision: number;
  /** The version of the document that the postings are of, or are being made to be of. */
  version: number;
  analysis: number;
  /** What the index holds, but for the places in doubt. */
  held: Contribution | undefined;
  /** Places where a run that has not ended, or was cut off, may have written. */
  inDoubt: readonly PostingPlace[];
  /** Epoch seconds. The document is gone for good; older news of it is no longer under way when this is over. */
  goneUntil?: number | undefined;
}

/** What is to be done with news of a document. */
export type Verdict = "index" | "outdated" | "unchanged";

/**
 * Whether a version of a document is news to the index. An older one never takes the place of a newer one, even where
 * that one is still being written.
 * @param now milliseconds since the epoch
 */
export function verdictOn(entry: Entry | undefined, version: number, now: number): Verdict {
  if (!entry) return "index";
  if (entry.goneUntil !== undefined) return entry.goneUntil * 1000 > now ? "outdated" : "index";
  if (entry.version > version) return "outdated";
  const isWhole = entry.inDoubt.length === 0 && entry.analysis === ANALYSIS;
  return entry.version === version && isWhole ? "unchanged" : "index";
}
