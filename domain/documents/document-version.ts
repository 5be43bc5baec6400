import { DomainError, type ErrorCode, notFound } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import { type StoredDocument, versionOf } from "./document.ts";
import { toldChanges } from "./document-entry.ts";
import { queryEntries } from "./document-history-store.ts";

/** More entries than these are not looked through to tell what changed since. */
const MOST_ENTRIES = 100;

/** What a caller believes of the document that it is about to change. */
export interface Expectations {
  /** The version in the body of the request. */
  expectedVersion?: number | undefined;
  preconditions?: Preconditions | undefined;
}

/** One that does not exist and one that the caller may not see read the same. */
export function documentNotFound(documentId: string): DomainError {
  return notFound(`Document '${documentId}' not found.`);
}

/** The fields that changed since a version, as the history has them; undefined where it does not reach back so far. */
async function changedSince(document: StoredDocument, known: number): Promise<string[] | undefined> {
  const versions = versionOf(document) - known;
  if (!Number.isSafeInteger(known) || versions <= 0 || versions > MOST_ENTRIES) return undefined;
  const { entries } = await queryEntries(document.document_id, undefined, versions);
  const since = entries.filter(({ version }) => version > known && version <= versionOf(document));
  if (since.length < versions) return undefined;
  return [...new Set(since.flatMap(({ changes }) => changes.map(({ field }) => field)))].sort();
}

function conflict(
  code: ErrorCode,
  document: StoredDocument,
  known: number | undefined,
  changed: readonly string[] | undefined,
): DomainError {
  const current = versionOf(document);
  const instead = known === undefined ? "" : `, not ${known}`;
  return new DomainError(
    code,
    `The document was modified concurrently: it is at version ${current}${instead}.`,
    {
      current_version: current,
      updated_at: document.updated_at ?? null,
      updated_by: document.updated_by ?? null,
      ...(changed && { changed_fields: changed }),
      next_action: "Read the document again and repeat the edit if it still makes sense.",
    },
    { retryable: false },
  );
}

/**
 * Refuses an edit whose caller believes something of the document that is not so any more.
 * @throws DomainError VERSION_CONFLICT (`expected_version`), PRECONDITION_FAILED (`If-Match`), INTERNAL_ERROR
 */
export async function assertExpected(document: StoredDocument, expected: Expectations): Promise<void> {
  const { expectedVersion, preconditions: { ifMatch } = {} } = expected;
  const current = versionOf(document);
  if (expectedVersion !== undefined && expectedVersion !== current) {
    const changed = await changedSince(document, expectedVersion);
    throw conflict("VERSION_CONFLICT", document, expectedVersion, changed);
  }
  if (ifMatch === undefined || ifMatch === "*" || ifMatch.includes(String(current))) return;
  const known = ifMatch.length === 1 && /^\d{1,15}$/.test(ifMatch[0] ?? "") ? Number(ifMatch[0]) : undefined;
  const changed = known === undefined ? undefined : await changedSince(document, known);
  throw conflict("PRECONDITION_FAILED", document, known, changed);
}

/** Somebody was faster, and the caller had no version in mind: what differs is seen from the two images. */
export function modifiedConcurrently(read: StoredDocument, current: StoredDocument): DomainError {
  const changed = toldChanges(read, current).map(({ field }) => field);
  return conflict("CONFLICT", current, undefined, changed);
}
