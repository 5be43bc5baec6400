import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { CursorPosition } from "@enceladus/shared/cursor";
import { type PublicDocument, publicDocument, type StoredDocument } from "./document.ts";
import { documentsNewestFirst, isStop, type ListPosition, positionOf } from "./newest-first.ts";

/** A page of a list of documents has at most so many. */
export const MOST_LISTED = 50;

/** Parts of a cursor are texts; anything else was made up. */
export function isListPosition(position: CursorPosition): boolean {
  const { updated_at, document_id } = position;
  return typeof updated_at === "string" && updated_at !== "" && typeof document_id === "string";
}

async function* documentsOf(
  projectId: string,
  start: CursorPosition | undefined,
  wanted: () => number,
): AsyncGenerator<StoredDocument, void> {
  const reading = {
    filter: {},
    behind: start as ListPosition | undefined,
    wanted,
    budget: { left: Number.POSITIVE_INFINITY },
  };
  const partition = { index: "project-updated-index", key: projectId } as const;
  for await (const step of documentsNewestFirst([partition], reading)) if (!isStop(step)) yield step;
}

/**
 * A page of the documents of a project, archived ones too, newest change first. A project that does not exist, or that
 * the caller may not see, is an empty list.
 * @param projectId not empty
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listDocuments(
  projectId: string,
  { limit = MOST_LISTED, cursor }: ListRequest,
  visible: VisibleProjects,
): Promise<CollectedPage<PublicDocument>> {
  return collectPage<StoredDocument, PublicDocument>(
    { limit, cursor },
    {
      rows: (start, wanted) => (isVisible(visible, projectId) ? documentsOf(projectId, start, wanted) : []),
      shown: publicDocument,
      position: (document) => ({ ...positionOf(document) }),
      isPosition: isListPosition,
      scope: ["documents", projectId],
    },
  );
}
