import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import type { CollectedPage, ListRequest } from "@enceladus/shared/collect-page";
import { locationOf } from "./body.ts";
import { type PublicDocument, publicDocument, type StoredDocument } from "./document.ts";
import type { DocumentEntry } from "./document-entry.ts";
import { historyOf } from "./document-history.ts";
import { readDocument } from "./document-store.ts";
import { documentNotFound } from "./document-version.ts";

/** A document as it is read: its content, or why there is none. */
export interface ReadDocument {
  document: PublicDocument;
  content?: string;
  /** The row is there, its body is not. */
  contentError?: "NOT_FOUND";
}

async function visibleDocument(documentId: string, visible: VisibleProjects): Promise<StoredDocument> {
  const document = await readDocument(documentId);
  if (!document || !isVisible(visible, document.project_id)) throw documentNotFound(documentId);
  return document;
}

/**
 * One document as it is now.
 * @param withContent whether the content is wanted; asked when the rest is known
 * @param visible which projects' documents exist for the reader
 * @throws DomainError NOT_FOUND, INTERNAL_ERROR (row or body cannot be read)
 */
export async function getDocument(
  documentId: string,
  { withContent, visible }: { withContent: (document: PublicDocument) => boolean; visible: VisibleProjects },
): Promise<ReadDocument> {
  const row = await visibleDocument(documentId, visible);
  const document = publicDocument(row);
  if (!withContent(document)) return { document };
  // Loaded here, since readers of metadata have no use for the S3 client.
  const { readBody, textOf } = await import("./body-store.ts");
  const bytes = await readBody(locationOf(row));
  return bytes ? { document, content: textOf(bytes) } : { document, contentError: "NOT_FOUND" };
}

/**
 * A page of what happened to a document, newest first.
 * @param visible which projects' documents exist for the reader
 * @throws DomainError NOT_FOUND, INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export async function listHistory(
  documentId: string,
  page: ListRequest,
  visible: VisibleProjects,
): Promise<CollectedPage<DocumentEntry>> {
  await visibleDocument(documentId, visible);
  return historyOf(documentId, page);
}
