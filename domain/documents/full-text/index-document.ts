import { DomainError } from "@enceladus/shared/errors";
import { epochSeconds } from "@enceladus/shared/time";
import { type Contribution, changesBetween, contributionOf, type PostingChange } from "./contribution.ts";
import { termsOfDocument } from "./document-terms.ts";
import { ANALYSIS, type Entry, type Verdict, verdictOn } from "./entry.ts";
import {
  POSTINGS_A_WRITE,
  POSTINGS_WITH_ENTRY,
  putEntry,
  readEntry,
  settle,
  type WriteOutcome,
  writePostings,
} from "./index-store.ts";

/** What the index needs to know of a document. */
export interface IndexedDocument {
  document_id: string;
  project_id: string;
  title: string;
  status?: string | undefined;
  /** Rises with every change; a document from before versions has none. */
  version?: number | undefined;
}

/** What came of news of a document. */
export interface Indexed {
  outcome: "indexed" | Exclude<Verdict, "index">;
  /** Rows that were written. */
  changes: number;
  /** Terms that are not in the index since the document has too many. */
  leftOut: number;
}

/** Several runs for one document wait for each other. */
const OVERTAKEN_RETRIES = { retries: 6, minTimeout: 100, factor: 2, maxTimeout: 5_000, randomize: true };

/** Somebody else has written the entry in between. */
class Overtaken extends Error {}

function orOvertaken(outcome: WriteOutcome): void {
  if (outcome === "overtaken") throw new Overtaken("the entry was written by somebody else");
}

/**
 * Brings the index to what it shall hold of a document. What fits into one transaction is written in one. For more the
 * entry first says where is going to be written: a run that comes after one that was cut off writes there anew.
 */
async function bringTo(
  read: Entry | undefined,
  wanted: Pick<Entry, "documentId" | "version" | "held" | "goneUntil">,
): Promise<number> {
  const changes = changesBetween(read?.held, read?.inDoubt ?? [], wanted.held);
  let current = read;
  const next = (part: Pick<Entry, "held" | "inDoubt">): Entry => ({
    ...wanted,
    ...part,
    analysis: ANALYSIS,
    revision: (current?.revision ?? 0) + 1,
  });
  let left: readonly PostingChange[] = changes;
  if (changes.length > POSTINGS_WITH_ENTRY) {
    const announced = next({ held: read?.held, inDoubt: changes });
    orOvertaken(await putEntry(announced, current));
    current = announced;
    for (; left.length > POSTINGS_WITH_ENTRY; left = left.slice(POSTINGS_A_WRITE)) {
      orOvertaken(await writePostings(announced, left.slice(0, POSTINGS_A_WRITE)));
    }
  }
  orOvertaken(await settle(next({ held: wanted.held, inDoubt: [] }), current, left));
  return changes.length;
}

/** @throws DomainError CONFLICT where others were faster again and again; the same call may succeed later */
async function whileOvertaken(attempt: () => Promise<Indexed>, documentId: string): Promise<Indexed> {
  const { default: pRetry } = await import("p-retry");
  try {
    return await pRetry(attempt, {
      ...OVERTAKEN_RETRIES,
      shouldRetry: ({ error }) => error instanceof Overtaken,
    });
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    const details = { document_id: documentId, next_action: "Index the document again." };
    throw new DomainError("CONFLICT", "The document is being indexed by others.", details, { retryable: true });
  }
}

/**
 * Brings a version of a document into the index. Doing it again changes nothing, an older version than the one that is
 * in the index neither; a run that was cut off is made up for by the next one. Only rows that differ are written.
 * @param content Markdown; asked for only if the version is news. Undefined: the version is outdated after all
 * @throws DomainError CONFLICT (retryable), INTERNAL_ERROR, whatever reading the content throws
 */
export async function indexDocument(
  document: IndexedDocument,
  content: () => Promise<string | undefined>,
  now: number = Date.now(),
): Promise<Indexed> {
  const { document_id: documentId, version = 0 } = document;
  let contribution: Contribution | undefined;
  return whileOvertaken(async () => {
    const entry = await readEntry(documentId);
    const leftAlone = (outcome: Indexed["outcome"]) => ({ outcome, changes: 0, leftOut: entry?.held?.leftOut ?? 0 });
    const verdict = verdictOn(entry, version, now);
    if (verdict !== "index") return leftAlone(verdict);
    if (!contribution) {
      const body = await content();
      if (body === undefined) return leftAlone("outdated");
      contribution = contributionOf(document, await termsOfDocument(document.title, body));
    }
    const changes = await bringTo(entry, { documentId, version, held: contribution });
    return { outcome: "indexed", changes, leftOut: contribution.leftOut };
  }, documentId);
}

/** Streams and queues forget what is older than this. */
const REMEMBERED_SECONDS = 14 * 24 * 3_600;

/**
 * Takes a document out of the index, for good: older news of it that arrives later does not bring it back. Doing it again
 * changes nothing.
 * @throws DomainError CONFLICT (retryable), INTERNAL_ERROR
 */
export async function dropFromIndex(documentId: string, now: number = Date.now()): Promise<Indexed> {
  return whileOvertaken(async () => {
    const entry = await readEntry(documentId);
    const isGone = entry?.goneUntil !== undefined && entry.inDoubt.length === 0;
    if (isGone) return { outcome: "unchanged", changes: 0, leftOut: 0 };
    const goneUntil = epochSeconds(now) + REMEMBERED_SECONDS;
    const wanted = { documentId, version: entry?.version ?? 0, held: undefined, goneUntil };
    return { outcome: "indexed", changes: await bringTo(entry, wanted), leftOut: 0 };
  }, documentId);
}
