import { mergedInOrder } from "@enceladus/shared/merge";
import type { StoredDocument } from "./document.ts";
import { type DocumentFilter, type Partition, queryPartition } from "./document-store.ts";

/** Where a list goes on: behind this document, in the order of `isNewer`. */
export interface ListPosition {
  updated_at: string;
  /** Empty for the beginning of all that have this time. */
  document_id: string;
}

/** A place at which reading was given up: what comes from there on has not been looked at. */
export interface Stop {
  stoppedAt: ListPosition;
}

export type Step = StoredDocument | Stop;

export function isStop(step: Step): step is Stop {
  return "stoppedAt" in step;
}

/** How many rows may be looked at, over all partitions of a list. */
export interface Budget {
  left: number;
}

export function positionOf({ updated_at = "", document_id }: StoredDocument): ListPosition {
  return { updated_at, document_id };
}

/** The order of all lists: newest first, and of the same second by id. */
function isNewer(one: ListPosition, other: ListPosition): boolean {
  if (one.updated_at !== other.updated_at) return one.updated_at > other.updated_at;
  return one.document_id < other.document_id;
}

const placeOf = (step: Step) => (isStop(step) ? step.stoppedAt : positionOf(step));

/** The index knows no order among equal times, so that those are put in order here. */
function inOrder(documents: readonly StoredDocument[], behind: ListPosition | undefined): StoredDocument[] {
  return documents
    .filter((document) => behind === undefined || isNewer(behind, positionOf(document)))
    .sort((one, other) => (isNewer(positionOf(one), positionOf(other)) ? -1 : 1));
}

export interface Reading {
  filter: DocumentFilter;
  /** Where the list goes on; undefined for its beginning. */
  behind: ListPosition | undefined;
  /** How many are still wanted, asked before each read; undefined for as many as a read gives. */
  wanted: () => number | undefined;
  budget: Budget;
}

/** What has one time is given out when all of it is there. */
async function* newestFirst(partition: Partition, reading: Reading): AsyncGenerator<Step, void> {
  const { filter, behind, wanted, budget } = reading;
  let sameTime: StoredDocument[] = [];
  let hasPassedOne = false;
  let start: Record<string, unknown> | undefined;
  do {
    const page = await queryPartition(partition, { filter, upTo: behind?.updated_at, start, limit: wanted() });
    budget.left -= page.examined;
    for (const document of page.documents) {
      if (sameTime[0] && sameTime[0].updated_at !== document.updated_at) {
        yield* inOrder(sameTime, behind);
        sameTime = [];
        hasPassedOne = true;
      }
      sameTime.push(document);
    }
    start = page.last;
    const reached = String(start?.updated_at ?? "");
    // Where the list goes on, all that has its first time may take more than the budget.
    hasPassedOne ||= reached !== behind?.updated_at;
    if (start && budget.left <= 0 && hasPassedOne) {
      if (sameTime[0] && sameTime[0].updated_at !== reached) yield* inOrder(sameTime, behind);
      yield { stoppedAt: { updated_at: reached, document_id: "" } };
      return;
    }
  } while (start);
  yield* inOrder(sameTime, behind);
}

/**
 * The documents of some partitions as one list: newest first, of the same second by id. It is read as far as it is asked
 * for; where the budget runs out it ends with the place at which that was, and that is always further than where it
 * began.
 * @throws DomainError INTERNAL_ERROR
 */
export function documentsNewestFirst(partitions: readonly Partition[], reading: Reading): AsyncGenerator<Step, void> {
  return mergedInOrder(
    partitions.map((partition) => newestFirst(partition, reading)),
    (one, other) => isNewer(placeOf(one), placeOf(other)),
  );
}
