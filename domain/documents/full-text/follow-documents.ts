import { locationOf } from "../body.ts";
import { readBody, textOf } from "../body-store.ts";
import type { StoredDocument } from "../document.ts";
import { readDocument } from "../document-store.ts";
import { dropFromIndex, type Indexed, type IndexedDocument, indexDocument } from "./index-document.ts";

/** What came of a change, for the log. */
export interface Followed extends Omit<Indexed, "outcome"> {
  document_id: string;
  version: number;
  outcome: Indexed["outcome"] | "malformed" | "dropped";
  /** The body is not there, though the document is of this version still: only the title is in the index. */
  bodyMissing?: true | undefined;
}

/** Whether two versions of a document have the same postings. */
function readsTheSame(before: StoredDocument, after: StoredDocument): boolean {
  const told: readonly (keyof StoredDocument)[] = ["project_id", "title", "status", "s3_bucket", "s3_key"];
  return told.every((field) => before[field] === after[field]);
}

/** A row that somebody wrote past the rules is no reason to hold up the others. */
function isDocument(row: Partial<IndexedDocument>): boolean {
  return [row.document_id, row.project_id, row.title].every((text) => typeof text === "string");
}

/**
 * Brings a version of a document into the index, by its row.
 * @throws as indexDocument; what reading the body throws
 */
export async function indexRow(row: StoredDocument): Promise<Followed> {
  const { document_id, version = 0 } = row;
  if (!isDocument(row)) return { document_id, version, outcome: "malformed", changes: 0, leftOut: 0 };
  let bodyMissing: true | undefined;
  const indexed = await indexDocument(row, async () => {
    const body = await readBody(locationOf(row));
    if (body !== undefined) return textOf(body);
    // The body of an older version may be gone already; then news of the newer one is under way.
    const current = await readDocument(document_id);
    if (!current || (current.version ?? 0) !== version) return undefined;
    bodyMissing = true;
    return "";
  });
  return { document_id, version, ...indexed, bodyMissing };
}

/**
 * Follows a change of a document with the index. Changes may come repeatedly and in any order.
 * @param before undefined for a new document
 * @param after undefined for one that was deleted
 * @throws as indexDocument; what reading the body throws
 */
export async function followDocument(
  before: StoredDocument | undefined,
  after: StoredDocument | undefined,
): Promise<Followed | undefined> {
  if (after) {
    const { document_id, version = 0 } = after;
    if (before && readsTheSame(before, after))
      return { document_id, version, outcome: "unchanged", changes: 0, leftOut: 0 };
    return indexRow(after);
  }
  if (!before) return undefined;
  const { document_id, version = 0 } = before;
  return { document_id, version, ...(await dropFromIndex(document_id)), outcome: "dropped" };
}
