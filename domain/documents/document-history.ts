import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { CursorPosition } from "@enceladus/shared/cursor";
import { type AttributeChange, describeChanges, entryHash, GENESIS_HASH } from "@enceladus/shared/history-chain";
import { type StoredDocument, versionOf } from "./document.ts";
import { queryEntries } from "./document-history-store.ts";

/** One committed change of a document. `hash` covers everything else in it. */
export interface DocumentEntry {
  document_id: string;
  project_id: string;
  /** Rises by one from 1. */
  seq: number;
  /** The version that the change has made. */
  version: number;
  at: string;
  actor: string;
  operation: string;
  changes: AttributeChange[];
  prev_hash: string;
  hash: string;
}

/**
 * Attributes that say nothing about what was done: what the entry says itself, stamps, and what follows from the
 * content. Of the content its hash and size are told, never the text.
 */
const HOUSEKEEPING = new Set([
  "document_id",
  "project_id",
  "s3_bucket",
  "s3_key",
  "content_type",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "version",
  "compliance_warnings",
  "compliance_checked_at",
  "history_seq",
  "history_hash",
  "write_id",
]);

/** What differs between two images of a document, as its history tells it. */
export function toldChanges(before: StoredDocument | undefined, after: StoredDocument): AttributeChange[] {
  return describeChanges(before, after, HOUSEKEEPING);
}

/**
 * The next entry of a document's chain.
 * @param before as read; undefined when the document is made
 * @param after as it will be, without the new head
 */
export function nextEntry(
  before: StoredDocument | undefined,
  after: StoredDocument,
  operation: string,
  actor: string,
): DocumentEntry {
  const entry: Omit<DocumentEntry, "hash"> = {
    document_id: after.document_id,
    project_id: after.project_id,
    seq: (before?.history_seq ?? 0) + 1,
    version: versionOf(after),
    at: after.updated_at ?? "",
    actor,
    operation,
    changes: toldChanges(before, after),
    prev_hash: before?.history_hash ?? GENESIS_HASH,
  };
  return { ...entry, hash: entryHash(entry) };
}

/** The document with an entry as the head of its chain. */
export function withHead(document: StoredDocument, { seq, hash }: DocumentEntry): StoredDocument {
  return { ...document, history_seq: seq, history_hash: hash };
}

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
