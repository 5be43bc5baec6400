import {
  documentHistoryOperation,
  getDocumentOperation,
  listDocumentsOperation,
  searchDocumentsOperation,
} from "./read-operations.ts";
import { createDocumentOperation, postDocumentOperation, updateDocumentOperation } from "./write-operations.ts";

/** What the document API serves. */
export const operations = [
  createDocumentOperation,
  postDocumentOperation,
  listDocumentsOperation,
  searchDocumentsOperation,
  getDocumentOperation,
  updateDocumentOperation,
  documentHistoryOperation,
];
