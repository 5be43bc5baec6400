export { type DocumentWriter, documentWriter, SYNC_WRITER } from "./attribution.ts";
export { type CreatedDocument, createDocument } from "./create-document.ts";
export {
  DOCUMENT_STATUSES,
  documentFromRow,
  type PublicDocument,
  publicDocument,
  type StoredDocument,
  versionOf,
} from "./document.ts";
export type { DocumentEntry } from "./document-history.ts";
export { type DocumentIndex, type DocumentPage, queryPartition } from "./document-store.ts";
export { LIMITS } from "./document-values.ts";
export { getDocument, listHistory, type ReadDocument } from "./get-document.ts";
export { type Swept, sweepBodies } from "./sweep-bodies.ts";
export { type DocumentTarget, type UpdatedDocument, updateDocument } from "./update-document.ts";
