import type { StoredDocument } from "../document.ts";
import { queryPartition } from "../document-store.ts";

/**
 * The documents of a project, archived ones too, as the index has them. It takes as much reading as the search does that
 * it comes before.
 * @param isWanted which of them are kept
 * @throws DomainError INTERNAL_ERROR
 */
export async function documentsOf(
  projectId: string,
  isWanted: (document: StoredDocument) => boolean,
): Promise<StoredDocument[]> {
  const found: StoredDocument[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await queryPartition({ index: "project-updated-index", key: projectId }, { start });
    found.push(...page.documents.filter(isWanted));
    start = page.last;
  } while (start);
  return found;
}
