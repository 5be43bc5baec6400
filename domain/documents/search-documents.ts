import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type ListRequest, positionIn } from "@enceladus/shared/collect-page";
import { type CursorPosition, encodeCursor } from "@enceladus/shared/cursor";
import { DOCUMENT_STATUSES, type PublicDocument, publicDocument, type StoredDocument } from "./document.ts";
import type { Partition } from "./document-store.ts";
import { isListPosition, MOST_LISTED } from "./list-documents.ts";
import { documentsNewestFirst, isStop, type ListPosition, positionOf } from "./newest-first.ts";

/** What a search asks for: all that is given has to hold. */
export interface DocumentSearch {
  /** Undefined: in all projects that the caller may see. */
  projectId?: string | undefined;
  /** One of the keywords, in lower case. */
  keyword?: string | undefined;
  /** One of the related items, to the letter. */
  related?: string | undefined;
  /** A part of the title, in any case. */
  title?: string | undefined;
  /** Undefined: any. */
  status: string | undefined;
}

/** A page of what was found. */
export interface FoundDocuments {
  documents: PublicDocument[];
  /** How many there are on all pages. */
  totalMatches: number;
  /** Whether there are more than it says. */
  totalIsLowerBound: boolean;
  /** Whether so much had to be looked at that the rest is left to the next page. */
  truncated: boolean;
  nextCursor: string | undefined;
}

/** Counted exactly as far as this, then it is a lower bound. */
export const MOST_COUNTED = 1_000;
/** So many documents are looked at for one answer. */
export const MOST_EXAMINED = 10_000;
/** Read beyond what is wanted: one tells whether anything is left, the others may be of the same second. */
const SLACK = 5;

/** What the first page has counted goes along to the others. */
interface SearchPosition extends ListPosition {
  total: number;
  /** 1 where the total is a lower bound. */
  more: number;
}

function isSearchPosition({ total, more, ...place }: CursorPosition): boolean {
  return isListPosition(place) && Number.isSafeInteger(total) && Number(total) >= 0 && (more === 0 || more === 1);
}

function partitionsOf({ projectId, status }: DocumentSearch, visible: VisibleProjects): Partition[] {
  const ofProject = (key: string): Partition => ({ index: "project-updated-index", key });
  if (projectId !== undefined) return isVisible(visible, projectId) ? [ofProject(projectId)] : [];
  if (visible !== "all") return [...visible].map(ofProject);
  const statuses = status === undefined ? DOCUMENT_STATUSES : [status];
  return statuses.map((key) => ({ index: "status-updated-index", key }));
}

/** The database takes a part of a text for one of the texts where an old row has one text in place of a list. */
function isFound(document: StoredDocument, { keyword, related, title }: DocumentSearch): boolean {
  const { keywords = [], related_items = [] } = document;
  return (
    (keyword === undefined || keywords.includes(keyword)) &&
    (related === undefined || related_items.includes(related)) &&
    (title === undefined || document.title.toLowerCase().includes(title.toLowerCase()))
  );
}

/**
 * A page of the documents that fit, newest change first, also across projects. The first page counts all of them, and
 * its cursor carries the count along, so that the others need not.
 * @param search texts are not empty
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export async function searchDocuments(
  search: DocumentSearch,
  { limit = MOST_LISTED, cursor }: ListRequest,
  visible: VisibleProjects,
): Promise<FoundDocuments> {
  const { projectId, keyword, related, title, status } = search;
  const ofCaller = projectId === undefined && visible !== "all" ? [...visible].sort() : null;
  const optional = [projectId, keyword, related, title, status].map((value) => value ?? null);
  const scope = ["document search", ...optional, ofCaller];
  const start = positionIn(cursor, scope, isSearchPosition) as SearchPosition | undefined;

  const page: StoredDocument[] = [];
  let matches = 0;
  let stoppedAt: ListPosition | undefined;
  // A filter lets few through, and the first page counts: then reads are as large as they can be.
  const readsAll = !start || keyword !== undefined || related !== undefined || title !== undefined;
  const steps = documentsNewestFirst(partitionsOf(search, visible), {
    filter: {
      keyword,
      related,
      title: title?.toLowerCase(),
      ...(projectId === undefined && visible === "all" ? {} : { status }),
    },
    behind: start,
    wanted: () => (readsAll ? undefined : limit - page.length + SLACK),
    budget: { left: MOST_EXAMINED },
  });
  for await (const step of steps) {
    if (isStop(step)) {
      stoppedAt = step.stoppedAt;
      break;
    }
    if (!isFound(step, search)) continue;
    matches += 1;
    if (page.length < limit) page.push(step);
    else if (start || matches > MOST_COUNTED) break;
  }
  const total = start?.total ?? Math.min(matches, MOST_COUNTED);
  const totalIsLowerBound = start ? start.more === 1 : matches > MOST_COUNTED || stoppedAt !== undefined;
  const last = page.at(-1);
  const hasMore = matches > page.length;
  const next = hasMore && last ? positionOf(last) : stoppedAt;
  return {
    documents: page.map(publicDocument),
    totalMatches: total,
    totalIsLowerBound,
    truncated: stoppedAt !== undefined,
    nextCursor: next && encodeCursor({ ...next, total, more: totalIsLowerBound ? 1 : 0 }, scope),
  };
}
