import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { CursorPosition } from "@enceladus/shared/cursor";
import type { DocumentEntry } from "./document-entry.ts";
import { queryEntries } from "./document-history-store.ts";

const DEFAULT_LIMIT = 100;

/** The entries of a chain before a number, newest first, read as they are asked for. */
async function* entriesBefore(
  documentId: string,
  seq: number | undefined,
  wanted: () => number,
): AsyncGenerator<DocumentEntry, void> {
  let before = seq;
  do {
    const { entries, last } = await queryEntries(documentId, before, wanted());
    yield* entries;
    before = last;
  } while (before !== undefined);
}

/** A chain is numbered for good: what is appended meanwhile moves nothing that a position points at. */
function isPosition({ seq, ...rest }: CursorPosition): boolean {
  return Number.isSafeInteger(seq) && Number(seq) > 0 && Object.keys(rest).length === 0;
}

/**
 * A page of a document's chain, newest entry first; empty for one that was last written before there were chains.
 * Whether the document exists, and may be seen, is for the caller to know.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function historyOf(
  documentId: string,
  { limit = DEFAULT_LIMIT, cursor }: ListRequest,
): Promise<CollectedPage<DocumentEntry>> {
  return collectPage<DocumentEntry, DocumentEntry>(
    { limit, cursor },
    {
      rows: (start, wanted) => entriesBefore(documentId, start && Number(start.seq), wanted),
      shown: (entry) => entry,
      position: ({ seq }) => ({ seq }),
      isPosition,
      scope: ["document-history", documentId],
    },
  );
}
