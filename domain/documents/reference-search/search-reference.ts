import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { invalidInput } from "@enceladus/shared/errors";
import { literalPattern } from "./literal.ts";
import { noReference, type Reference, readReference } from "./reference-store.ts";
import { headingFilter, regexPattern } from "./regex.ts";
import { type SearchResult, searchText } from "./search.ts";
import { withinTime } from "./time-limit.ts";

/** Milliseconds for a search with all that it needs; the function has ten seconds. */
const MOST_TIME = 7_500;
/** Milliseconds that remain for the search itself, however long it took to read the document. */
const LEAST_TIME = 1_000;

/** What is looked for in which project's reference document; all of it validated. */
export interface ReferenceSearch {
  projectId: string;
  /** Well-formed and not empty. */
  query: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
  contextLines: number;
  maxResults: number;
  /** Only below headings that this regular expression is found in; undefined for everywhere. */
  section: string | undefined;
}

/** What was found, and in what. */
export interface ReferenceSearchResult extends SearchResult {
  reference: Reference;
}

/**
 * Searches a project's reference document.
 * @param visible which projects the caller may see: another one behaves as one that has no document
 * @throws DomainError NOT_FOUND without a document; INVALID_INPUT where a pattern is none, or takes too long;
 * INTERNAL_ERROR where the document cannot be read
 */
export async function searchReference(
  search: ReferenceSearch,
  visible: VisibleProjects,
): Promise<ReferenceSearchResult> {
  const began = performance.now();
  const { projectId, query, isRegex, isCaseSensitive, section, contextLines, maxResults } = search;
  if (!isVisible(visible, projectId)) throw noReference(projectId);
  const reference = await readReference(projectId);
  const pattern = isRegex
    ? await regexPattern("query", query, isCaseSensitive)
    : literalPattern(query, isCaseSensitive);
  const isWanted = section === undefined ? undefined : await headingFilter("section", section);
  const left = Math.max(LEAST_TIME, MOST_TIME - (performance.now() - began));
  const result = withinTime(left, () => searchText(reference.text, { pattern, isWanted, contextLines, maxResults }));
  if (!result) {
    throw invalidInput("The pattern takes too long on a document of this size.", {
      next_action: "Look for a text (regex=false), or for a pattern with fewer repetitions.",
    });
  }
  return { ...result, reference };
}
