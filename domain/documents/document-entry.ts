import { type AttributeChange, describeChanges, entryHash, GENESIS_HASH } from "@enceladus/shared/history-chain";
import { type StoredDocument, versionOf } from "./document.ts";

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
  "title_lower",
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
  "source",
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
