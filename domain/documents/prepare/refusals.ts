import { DomainError, type ErrorDetails, invalidInput } from "@enceladus/shared/errors";
import type { MissingDocument, PreparedDocument } from "./preparation.ts";

/** Nothing is prepared without a document that the project's configuration calls required. */
export function requiredMissing(failed: readonly MissingDocument[], options: { retryable: boolean; cause?: unknown }) {
  const names = failed.map(({ filename }) => filename).join(", ");
  return new DomainError("INTERNAL_ERROR", `Required documents cannot be had: ${names}`, { failed }, options);
}

/** What is said of documents that are too many or too long: all but their content. */
function overview(documents: readonly PreparedDocument[], maxDocuments: number): ErrorDetails {
  const listed = documents.map(({ content: _, ...rest }) => rest);
  return { documents: listed, total_docs: documents.length, max_docs: maxDocuments };
}

/** A project has more documents than its configuration allows. */
export function tooManyDocuments(documents: readonly PreparedDocument[], maxDocuments: number): DomainError {
  const message = `The project has ${documents.length} documents to prepare, more than its limit of ${maxDocuments}.`;
  return invalidInput(message, {
    recommendation: "Raise max_docs in the project's doc_prep_config, or take entries out of additional_docs.",
    ...overview(documents, maxDocuments),
  });
}

/**
 * The documents of a project do not fit into one answer.
 * @param measure the bytes that they have together, and those that fit
 */
export function tooLargeTogether(
  documents: readonly PreparedDocument[],
  maxDocuments: number,
  { totalBytes, maxBytes }: { totalBytes: number; maxBytes: number },
): DomainError {
  const message = `The documents have ${totalBytes} bytes together, more than the ${maxBytes} that one answer takes.`;
  return invalidInput(message, {
    recommendation: "Ask with dry_run for hashes and sizes and read the documents one by one, or shorten them.",
    ...overview(documents, maxDocuments),
    total_bytes: totalBytes,
    max_bytes: maxBytes,
  });
}
