import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import type { ListRequest } from "@enceladus/shared/collect-page";
import { type PublicDocument, publicDocument } from "./document.ts";
import { readDocuments } from "./document-store.ts";
import { type MatchedWord, searchText } from "./full-text/index.ts";
import { MOST_LISTED } from "./list-documents.ts";
import { type FoundDocuments, MOST_COUNTED } from "./search-documents.ts";

export interface FullTextSearch {
  projectId: string;
  /** A match has all of its words. */
  text: string;
  /** Undefined: any. */
  status: string | undefined;
}

/** A document that was found by its words, as answers show it. */
export type RankedDocument = PublicDocument & {
  /** Comparable within one search only. */
  score: number;
  /** Where it has the words. */
  matched: MatchedWord[];
};

/** A page of what was found, the best first. */
export interface RankedDocuments extends FoundDocuments {
  documents: RankedDocument[];
}

/**
 * A page of the documents of a project that have all words of a text, in their titles or bodies, the best first. The
 * index follows the documents by a moment; what is shown of them is as it is now. A project that does not exist, or that
 * the caller may not see, has none.
 * @throws DomainError INVALID_INPUT (text, cursor), INTERNAL_ERROR
 */
export async function searchFullText(
  search: FullTextSearch,
  { limit = MOST_LISTED, cursor }: ListRequest,
  visible: VisibleProjects,
): Promise<RankedDocuments> {
  const { projectId, status } = search;
  if (!isVisible(visible, projectId)) {
    return { documents: [], totalMatches: 0, totalIsLowerBound: false, truncated: false, nextCursor: undefined };
  }
  const found = await searchText({ ...search, limit, cursor });
  const rows = await readDocuments(found.matches.map(({ documentId }) => documentId));
  const documents = found.matches.flatMap(({ documentId, score, matched }): RankedDocument[] => {
    const row = rows.get(documentId);
    // The index may tell of a document that has been archived, or revived, since.
    if (!row || row.project_id !== projectId || (status !== undefined && row.status !== status)) return [];
    return [{ ...publicDocument(row), score, matched }];
  });
  return {
    documents,
    totalMatches: Math.min(found.total, MOST_COUNTED),
    totalIsLowerBound: found.totalIsLowerBound || found.total > MOST_COUNTED,
    truncated: false,
    nextCursor: found.nextCursor ?? undefined,
  };
}
