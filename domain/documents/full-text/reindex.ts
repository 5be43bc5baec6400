import { positionIn } from "@enceladus/shared/collect-page";
import { type CursorPosition, encodeCursor } from "@enceladus/shared/cursor";
import { queryPartition } from "../document-store.ts";
import { indexRow } from "./follow-documents.ts";

/** So many documents are looked at before the time is. */
const PAGE = 50;

/** How far a run has come. */
export interface Reindexed {
  /** Documents that were looked at. */
  documents: number;
  /** Of them those that were brought into the index; the others were there already. */
  indexed: number;
  /** Where the next run goes on; undefined at the end. */
  nextCursor: string | undefined;
}

function isPosition(position: CursorPosition): boolean {
  const { project_id, updated_at, document_id } = position;
  return [project_id, updated_at, document_id].every((part) => typeof part === "string");
}

/**
 * Brings the documents of a project into the index that are not there: those from before there was one, those whose
 * news was given up, and all of them after a change of the analysis. Safe beside news that comes at the same time.
 * @param hasTime whether there is time for one more page of documents
 * @throws DomainError INVALID_INPUT (cursor); as indexDocument
 */
export async function reindexProject(
  projectId: string,
  cursor: string | undefined,
  hasTime: () => boolean,
): Promise<Reindexed> {
  const scope = ["reindex", projectId];
  const start = positionIn(cursor, scope, isPosition);
  const done: Reindexed = { documents: 0, indexed: 0, nextCursor: undefined };
  let from: Record<string, unknown> | undefined = start;
  do {
    const partition = { index: "project-updated-index", key: projectId } as const;
    const { documents, last } = await queryPartition(partition, { start: from, limit: PAGE });
    for (const row of documents) {
      const { outcome } = await indexRow(row);
      done.documents += 1;
      if (outcome === "indexed") done.indexed += 1;
    }
    done.nextCursor = last && encodeCursor(last as CursorPosition, scope);
    from = last;
  } while (from && hasTime());
  return done;
}
