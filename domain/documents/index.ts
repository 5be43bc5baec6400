export { type DocumentWriter, documentWriter, SYNC_WRITER } from "./attribution.ts";
export { assessCompliance, type Compliance, type ComplianceFinding } from "./compliance/assess.ts";
export { COMPLIANCE_RULES } from "./compliance/rules.ts";
export { type CreatedDocument, createDocument } from "./create-document.ts";
export {
  DOCUMENT_STATUSES,
  documentFromRow,
  type PublicDocument,
  publicDocument,
  type StoredDocument,
  versionOf,
} from "./document.ts";
export type { DocumentEntry } from "./document-entry.ts";
export { LIMITS } from "./document-values.ts";
export {
  dropFromIndex,
  type Followed,
  followDocument,
  type Indexed,
  type IndexedDocument,
  indexDocument,
  type MatchedWord,
  type Reindexed,
  reindexProject,
  searchText,
  type TextMatch,
  type TextMatches,
  type TextSearch,
} from "./full-text/index.ts";
export { getDocument, listHistory, type ReadDocument } from "./get-document.ts";
export { listDocuments, MOST_LISTED } from "./list-documents.ts";
export type { Preparation, PreparedDocument } from "./prepare/preparation.ts";
export { prepareDocuments } from "./prepare/prepare-documents.ts";
export { tooLargeTogether } from "./prepare/refusals.ts";
export {
  forgetReferences,
  type ReferenceSearch,
  type ReferenceSearchResult,
  searchReference,
} from "./reference-search/index.ts";
export { type DocumentSearch, type FoundDocuments, searchDocuments } from "./search-documents.ts";
export { type RankedDocuments, searchFullText } from "./search-full-text.ts";
export { type Swept, sweepBodies } from "./sweep-bodies.ts";
export { forgetRuns, INTERVAL_MS, keepInStep, syncFile } from "./sync/keep-in-step.ts";
export { type DocumentTarget, type UpdatedDocument, updateDocument } from "./update-document.ts";
