import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { invalidInput } from "@enceladus/shared/errors";
import { literalPattern } from "./literal.ts";
import type { Reference } from "./reference.ts";
import { noReference, readReference } from "./reference-store.ts";
import { headingFilter, regexPattern } from "./regex.ts";
import { type SearchResult, searchText } from "./search.ts";
import { withinTime } from "./time-limit.ts";

/** Milliseconds for reading and searching; the function has ten seconds. */
const MOST_TIME = 7_500;
/** Milliseconds that remain for the search itself, however long it took to read the document. */
const LEAST_TIME = 1_000;

/** What is looked for, all of it validated. */
export interface TextSearch {
  /** Well-formed and not empty. */
  query: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
  contextLines: number;
  maxResults: number;
  /** Only below headings that this regular expression is found in; undefined for everywhere. */
  section: string | undefined;
}

/** What is looked for, and in which project's reference document. */
export interface ReferenceSearch extends TextSearch {
  projectId: string;
}

/** What was found, and in what. */
export interface ReferenceSearchResult extends SearchResult {
  reference: Reference;
}

/**
 * Searches a Markdown text.
 * @param milliseconds that it may take
 * @throws DomainError INVALID_INPUT where a pattern is none, or takes longer than that
 */
export async function searchWithin(milliseconds: number, text: string, search: TextSearch): Promise<SearchResult> {
  const { query, isRegex, isCaseSensitive, section, contextLines, maxResults } = search;
  const pattern = isRegex
    ? await regexPattern("query", query, isCaseSensitive)
    : literalPattern(query, isCaseSensitive);
  const isWanted = section === undefined ? undefined : await headingFilter("section", section);
  const result = withinTime(milliseconds, () => searchText(text, { pattern, isWanted, contextLines, maxResults }));
  if (result) return result;
  throw invalidInput("The pattern takes too long on a document of this size.", {
    next_action: "Look for a text (regex=false), or for a pattern with fewer repetitions.",
  });
}

/**
 * Searches a project's reference document.
 * @param visible which projects the caller may see: another one behaves as one that has no document
 * @throws DomainError NOT_FOUND without a document; INVALID_INPUT where a pattern is none or takes too long, or the
 * document is too large; INTERNAL_ERROR where it cannot be read
 */
export async function searchReference(
  search: ReferenceSearch,
  visible: VisibleProjects,
): Promise<ReferenceSearchResult> {
  const began = performance.now();
  if (!isVisible(visible, search.projectId)) throw noReference(search.projectId);
  const reference = await readReference(search.projectId);
  const milliseconds = Math.max(LEAST_TIME, MOST_TIME - (performance.now() - began));
  return { ...(await searchWithin(milliseconds, reference.text, search)), reference };
}
