import type { DocumentTerms, Occurrences } from "./document-terms.ts";
import { about, type Status } from "./posting.ts";

/** All that the index holds of a document: its postings, and what it adds to the statistics of its project. */
export interface Contribution {
  projectId: string;
  status: Status;
  /** Words. */
  length: number;
  /** The counts as they stand in the postings. */
  terms: ReadonlyMap<string, Occurrences>;
  leftOut: number;
}

/** The contribution of a document as it is now. Whatever is not archived is active. */
export function contributionOf(
  document: { project_id: string; status?: string | undefined },
  { terms, length, leftOut }: DocumentTerms,
): Contribution {
  const rounded = [...terms].map(([term, { inTitle, inBody }]): [string, Occurrences] => [
    term,
    { inTitle: about(inTitle), inBody: about(inBody) },
  ]);
  const status = document.status === "archived" ? "archived" : "active";
  return { projectId: document.project_id, status, length, terms: new Map(rounded), leftOut };
}

/** Where a posting of a document stands: the key of its list. */
export interface PostingPlace {
  projectId: string;
  status: Status;
  term: string;
}

/** One row to write: a posting as it shall be, or none. */
export interface PostingChange extends PostingPlace {
  posting: (Occurrences & { length: number }) | undefined;
}

function nameOf({ projectId, status, term }: PostingPlace): string {
  return JSON.stringify([projectId, status, term]);
}

function rowsOf(contribution: Contribution | undefined): Map<string, PostingChange> {
  const rows = new Map<string, PostingChange>();
  if (!contribution) return rows;
  const { projectId, status } = contribution;
  const length = about(contribution.length);
  for (const [term, { inTitle, inBody }] of contribution.terms) {
    const row: PostingChange = { projectId, status, term, posting: { inTitle, inBody, length } };
    rows.set(nameOf(row), row);
  }
  return rows;
}

function isSame({ posting: left }: PostingChange, { posting: right }: PostingChange): boolean {
  if (!left || !right) return left === right;
  return left.inTitle === right.inTitle && left.inBody === right.inBody && left.length === right.length;
}

/**
 * The rows to write so that the index holds this of a document, and no more.
 * @param before what it holds for certain, but for the places in doubt
 * @param inDoubt places where a run that was cut off may have written
 * @param after what it shall hold; nothing for a document that is gone
 */
export function changesBetween(
  before: Contribution | undefined,
  inDoubt: readonly PostingPlace[],
  after: Contribution | undefined,
): PostingChange[] {
  const [old, wanted] = [rowsOf(before), rowsOf(after)];
  const doubtful = new Map(inDoubt.map((place) => [nameOf(place), place]));
  const changes = new Map<string, PostingChange>();
  for (const [name, row] of wanted) {
    const known = doubtful.has(name) ? undefined : old.get(name);
    if (!known || !isSame(known, row)) changes.set(name, row);
  }
  for (const [name, { projectId, status, term }] of [...old, ...doubtful]) {
    if (!wanted.has(name)) changes.set(name, { projectId, status, term, posting: undefined });
  }
  return [...changes.values()];
}
