import { sha256 } from "@enceladus/shared/hash";
import type { PostingPlace } from "./contribution.ts";

/**
 * The rows of the table of terms. A list of postings is `project#status#term`, a posting in it `hash#document id`. The
 * hash spreads the documents evenly, so that the beginning of a list is a fair sample of it (estimateOf). No project's id
 * begins with `#`: the entry of a document is `#document#id | entry`, the totals of a project `#project#id | totals`.
 */
export interface RowKey {
  list_id: string;
  entry_id: string;
}

const HASH_DIGITS = 8;
const HASHES = 16 ** HASH_DIGITS;

/** The key of a list of postings. */
export function listKey({ projectId, status, term }: PostingPlace): string {
  return `${projectId}#${status}#${term}`;
}

/** The place of a document in every list. */
export function placeOf(documentId: string): string {
  return `${sha256(documentId).slice(0, HASH_DIGITS)}#${documentId}`;
}

/** The document at a place. */
export function documentAt(place: string): string {
  return place.slice(HASH_DIGITS + 1);
}

/**
 * How long a list is, judged by its beginning: so many places take up such a part of all hashes. Off by a tenth or so
 * for a hundred of them, which is nothing to the logarithm that it goes into.
 * @param read how many postings the beginning has
 * @param lastPlace the place of the last of them
 */
export function estimateOf(read: number, lastPlace: string): number {
  const part = (Number.parseInt(lastPlace.slice(0, HASH_DIGITS), 16) + 1) / HASHES;
  return Math.max(read, Math.round(read / part));
}

/** The key of the entry of a document. */
export function entryKey(documentId: string): RowKey {
  return { list_id: `#document#${documentId}`, entry_id: "entry" };
}

/** The key of the totals of a project. */
export function totalsKey(projectId: string): RowKey {
  return { list_id: `#project#${projectId}`, entry_id: "totals" };
}
