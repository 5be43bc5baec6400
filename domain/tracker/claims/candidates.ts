import { mergedInOrder } from "@enceladus/shared/merge";
import { holderOf } from "../lease.ts";
import { isBlocked, isOpen, isParked, placeOf } from "../readiness.ts";
import { type TrackerRecord, textList } from "../record.ts";
import { expiredLeases } from "./expired-leases.ts";
import { type Look, lookAtReady } from "./known-ready.ts";
import { queryReady, type Work } from "./ready-store.ts";

/** Rows of a read: at least so many, since some may not be wanted, and not more, since rows are whole records. */
const FEWEST = 5;
const MOST = 100;

/** What a caller wants to work on, besides the types. */
export interface WorkFilter {
  /** All of these. */
  labels: readonly string[];
  assignedTo: string | undefined;
}

/** Whether a record is what a caller wants. */
export function isWanted(record: TrackerRecord, { labels, assignedTo }: WorkFilter): boolean {
  const has = textList(record.labels);
  return (
    labels.every((label) => has.includes(label)) && (assignedTo === undefined || record.assigned_to === assignedTo)
  );
}

export function hasFilter({ labels, assignedTo }: WorkFilter): boolean {
  return labels.length > 0 || assignedTo !== undefined;
}

/**
 * Whether a record can be claimed: work on it is not over, nobody holds it, nothing blocks it, and nobody has put it
 * aside.
 * @param now milliseconds since the epoch
 */
export function isClaimable(record: TrackerRecord, now: number): boolean {
  return isOpen(record) && !holderOf(record, now) && !isBlocked(record) && !isParked(record);
}

/** Best first: priority, then age. */
export function ranksBefore(one: TrackerRecord, other: TrackerRecord): boolean {
  return placeOf(one) < placeOf(other);
}

async function* furtherRows(
  work: Work,
  from: string | undefined,
  wanted: () => number,
): AsyncGenerator<TrackerRecord, void> {
  let behind = from;
  for (;;) {
    const limit = Math.min(MOST, Math.max(FEWEST, wanted()));
    const { rows, last } = await queryReady(work, { limit, behind });
    yield* rows;
    const end = rows.at(-1);
    if (!last || !end) return;
    behind = placeOf(end);
  }
}

async function* seenRows({ work, look }: Seen): AsyncGenerator<TrackerRecord, void> {
  yield* [...look.rows];
  if (!look.isComplete) yield* furtherRows(work, look.upTo, () => MOST);
}

async function* inOrder(rows: readonly TrackerRecord[]): AsyncGenerator<TrackerRecord, void> {
  yield* [...rows].sort((one, other) => (ranksBefore(one, other) ? -1 : 1));
}

async function claimableAgain(works: readonly Work[], now: number): Promise<TrackerRecord[]> {
  const expired = await Promise.all(works.map((work) => expiredLeases(work, now)));
  return expired.flat().filter((record) => isClaimable(record, now));
}

/** What a container has seen of the ready work of one type. */
export interface Seen {
  work: Work;
  look: Look;
}

/** What can be claimed, best first, read as far as it is asked for; and what is known of it at once. */
export interface Candidates {
  rows: AsyncGenerator<TrackerRecord, void>;
  seen: Seen[];
  /** Those whose holders let their lease end. */
  expired: TrackerRecord[];
}

/**
 * What can be claimed: what nobody holds, and what was held by somebody whose lease has ended.
 * @param now milliseconds since the epoch
 * @param fresh whether what this container saw a moment ago is not good enough
 */
export async function candidates(works: readonly Work[], now: number, fresh: boolean): Promise<Candidates> {
  const looking = works.map(async (work): Promise<Seen> => ({ work, look: await lookAtReady(work, now, fresh) }));
  const [expired, seen] = await Promise.all([claimableAgain(works, now), Promise.all(looking)]);
  return { rows: mergedInOrder([inOrder(expired), ...seen.map(seenRows)], ranksBefore), seen, expired };
}

/**
 * The same list from a place on, with nothing remembered.
 * @param behind the rank of the last one that was listed
 * @param wanted how many are still wanted, asked before each read
 */
export async function* readyFrom(
  works: readonly Work[],
  now: number,
  behind: string | undefined,
  wanted: () => number,
): AsyncGenerator<TrackerRecord, void> {
  const expired = await claimableAgain(works, now);
  const rest = expired.filter((record) => behind === undefined || placeOf(record) > behind);
  yield* mergedInOrder([inOrder(rest), ...works.map((work) => furtherRows(work, behind, wanted))], ranksBefore);
}
