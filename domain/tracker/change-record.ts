import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import pRetry from "p-retry";
import type { Writer } from "./attribution.ts";
import { consequencesOf } from "./dependencies/consequences.ts";
import { settle } from "./dependencies/settle.ts";
import type { EntryDraft } from "./history.ts";
import { remember } from "./recent-records.ts";
import type { Target, TrackerRecord } from "./record.ts";
import { readRecord } from "./record-store.ts";
import { assertExpected } from "./record-version.ts";
import { type Outcome, prepare, type RecordWrite, type SideWrite } from "./transaction.ts";

/** What is to be written, decided on a record as it was read. */
export interface Change<Result> {
  after: TrackerRecord;
  entry: EntryDraft;
  /** Other records that change with it. */
  alongside?: RecordWrite[];
  /** Other records that are written with it without being changed. */
  sides?: SideWrite[];
  /** Items of the same transaction that are no records. */
  others?: TransactItem[];
  /** What to answer once it is written. Plain JSON and pure: it is kept with the change where the call has a key. */
  result: (written: TrackerRecord) => Result;
}

/** Either a change, or the finding that there is nothing to write. */
export type Decision<Result> = Change<Result> | { nothingToDo: Result };

export interface ChangeOptions {
  /**
   * Whether a concurrent change is decided anew on the newer record, or refused. Default: anew, unless the status is
   * no longer the one that was judged.
   */
  onConflict?: "decide-again" | "refuse";
  /** Whether the decision judges the status, so that a status that moved on meanwhile refuses it. */
  judgesStatus?: boolean;
  /** A recent image of the record; a stale one costs a second attempt, never a wrong write. */
  known?: TrackerRecord | undefined;
  /** Whether that image has come since the call began: then a refusal by it needs no second look. */
  isCurrent?: boolean;
}

/**
 * Contenders for one record queue up behind each other; each round one of them gets through. They spread out further
 * the longer it takes, and give up while their function still has the time to say so.
 */
const CONTENTION = { retries: 1_000, maxRetryTime: 7_000, minTimeout: 20, maxTimeout: 600, factor: 2, randomize: true };

class Contended extends Error {}

function modifiedConcurrently(current: TrackerRecord | undefined): DomainError {
  return new DomainError(
    "CONFLICT",
    "The record was modified concurrently.",
    {
      reason: "VERSION_CONFLICT",
      ...(current && { current_version: current.sync_version ?? 0, current_status: current.status }),
      next_action: "Read the record again and repeat the change if it still makes sense.",
    },
    { retryable: true },
  );
}

export function recordNotFound(): DomainError {
  return notFound("Record not found.");
}

/** Whether the record itself changed, and not only what is written beside it. */
function isChanged(before: TrackerRecord, current: TrackerRecord | undefined): boolean {
  return before.sync_version !== current?.sync_version;
}

/** A result that is written, or what stood in the way. */
type Written<Result> = { result: Result } | { lost: Exclude<Outcome, { committed: true }> };

async function write<Result>(
  before: TrackerRecord,
  { after, entry, alongside = [], sides = [], others = [], result }: Change<Result>,
  writer: Writer,
  now: number,
  onceKey: string | undefined,
): Promise<Written<Result>> {
  const direct = [{ before, after, entry }, ...alongside];
  const room = others.length + (onceKey === undefined ? 0 : 1);
  const { writes, sides: allSides, unsettled } = await consequencesOf(direct, sides, room);
  const prepared = prepare(writes, allSides, writer, timestamp(now));
  const made = result(prepared.records[0] as TrackerRecord);
  const mark = onceKey === undefined ? [] : [markDone(onceKey, made, now)];
  const outcome = await prepared.send([...mark, ...others, ...unsettled.map(({ marker }) => marker)]);
  if (outcome.committed) {
    for (const record of outcome.records) remember(record);
    for (const { record } of unsettled) await settle(record, writer);
    return { result: made };
  }
  const done = onceKey !== undefined && outcome.others[0] ? await doneBefore<Result>(onceKey) : undefined;
  return done ?? { lost: outcome };
}

/**
 * Changes one record: reads it, decides, and writes the decision with its history entry in one transaction that holds
 * only if the record is still what it was. Where somebody else was faster, the failed condition brings the newer
 * record along and the decision is made again. What the caller believes of the record (version, fence) is checked before
 * each decision; a call with a key that was carried out before answers what came of it.
 * @param decide pure but for reads; may throw the refusal. It is called again for every newer record.
 * @returns the result of the decision that was written
 * @throws DomainError NOT_FOUND, CONFLICT, STALE_FENCE, VERSION_CONFLICT, PRECONDITION_FAILED, whatever `decide` throws,
 *   INTERNAL_ERROR
 */
export async function changeRecord<Result>(
  target: Target,
  writer: Writer,
  decide: (record: TrackerRecord, now: number) => Decision<Result> | Promise<Decision<Result>>,
  { onConflict = "decide-again", judgesStatus = false, known, isCurrent = false }: ChangeOptions = {},
): Promise<Result> {
  const { onceKey } = target;
  let current = known ?? (await readRecord(target));
  const judged = current?.status;
  let isFresh = known === undefined || isCurrent;

  const attempt = async (): Promise<Result> => {
    if (!current && !isFresh) current = await readRecord(target);
    if (!current) throw recordNotFound();
    const read = current;
    const now = Date.now();
    await assertExpected(read, target, now);
    const decision = await decide(read, now);
    if ("nothingToDo" in decision) {
      const done = onceKey === undefined ? undefined : await doneBefore<Result>(onceKey);
      return done ? done.result : decision.nothingToDo;
    }
    const written = await write(read, decision, writer, now, onceKey);
    if ("result" in written) return written.result;

    const mine = written.lost.records[0];
    if (mine?.state === "gone") throw recordNotFound();
    const wasFresh = isFresh;
    current = mine?.state === "changed" ? mine.current : await readRecord(target);
    if (current) remember(current);
    isFresh = true;
    const movedOn = judgesStatus && current?.status !== judged;
    if (wasFresh && isChanged(read, current) && (onConflict === "refuse" || movedOn)) {
      throw modifiedConcurrently(current);
    }
    throw new Contended();
  };

  /** Refusals that come from an image which may be out of date are checked against the record itself. */
  const attemptOnFreshGround = async (): Promise<Result> => {
    try {
      return await attempt();
    } catch (error) {
      if (!isFresh && error instanceof DomainError && error.code !== "INTERNAL_ERROR") {
        current = await readRecord(target);
        isFresh = true;
        return attempt();
      }
      throw error;
    }
  };

  /** The image that is decided on grows old while we wait; a failed attempt brings a new one, which is used at once. */
  const attemptTwice = () =>
    attemptOnFreshGround().catch((error: unknown) => {
      if (error instanceof Contended) return attempt();
      throw error;
    });

  try {
    return await pRetry(attemptTwice, {
      ...CONTENTION,
      shouldRetry: ({ error }) => error instanceof Contended,
    });
  } catch (error) {
    if (error instanceof Contended) throw modifiedConcurrently(current);
    // What an earlier run of the same call has made may be the very reason of the refusal.
    const refused = error instanceof DomainError && error.code !== "INTERNAL_ERROR";
    const done = refused && onceKey !== undefined ? await doneBefore<Result>(onceKey) : undefined;
    if (done) return done.result;
    throw error;
  }
}
