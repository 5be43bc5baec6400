import { DomainError, notFound } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import pRetry from "p-retry";
import type { Writer } from "./attribution.ts";
import type { EntryDraft } from "./history.ts";
import type { RecordAddress, TrackerRecord } from "./record.ts";
import { readRecord } from "./record-store.ts";
import { commit, type RecordWrite, type TransactItem } from "./transaction.ts";

/** What is to be written, decided on a record as it was read. */
export interface Change<Result> {
  after: TrackerRecord;
  entry: EntryDraft;
  /** Other records that change with it. */
  alongside?: RecordWrite[];
  /** Items of the same transaction that are no records. */
  others?: TransactItem[];
  /** Makes the change the only one of its call: a repeated call is answered with what the first one has made. */
  once?: { mark: TransactItem; answer: () => Promise<Result> };
  /** What to answer once it is written. */
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

/**
 * Changes one record: reads it, decides, and writes the decision with its history entry in one transaction that holds
 * only if the record is still what it was. Where somebody else was faster, the failed condition brings the newer
 * record along and the decision is made again.
 * @param decide pure; may throw the refusal. It is called again for every newer record.
 * @returns the result of the decision that was written
 * @throws DomainError NOT_FOUND, CONFLICT, whatever `decide` throws, INTERNAL_ERROR
 */
export async function changeRecord<Result>(
  address: RecordAddress,
  writer: Writer,
  decide: (record: TrackerRecord, now: number) => Decision<Result> | Promise<Decision<Result>>,
  { onConflict = "decide-again", judgesStatus = false, known }: ChangeOptions = {},
): Promise<Result> {
  let current = known ?? (await readRecord(address));
  const judged = current?.status;
  let isFresh = known === undefined;

  const attempt = async (): Promise<Result> => {
    if (!current && !isFresh) current = await readRecord(address);
    if (!current) throw recordNotFound();
    const now = Date.now();
    const decision = await decide(current, now);
    if ("nothingToDo" in decision) return decision.nothingToDo;
    const writes = [{ before: current, after: decision.after, entry: decision.entry }, ...(decision.alongside ?? [])];
    const { others = [], once } = decision;
    const outcome = await commit(writes, writer, timestamp(now), once ? [once.mark, ...others] : others);
    if (outcome.committed) return decision.result(outcome.records[0] as TrackerRecord);
    if (once && outcome.others[0]) return once.answer();

    const mine = outcome.records[0];
    if (mine?.state === "gone") throw recordNotFound();
    const wasFresh = isFresh;
    current = mine?.state === "changed" ? mine.current : await readRecord(address);
    isFresh = true;
    const movedOn = judgesStatus && current?.status !== judged;
    if (wasFresh && mine?.state === "changed" && (onConflict === "refuse" || movedOn)) {
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
        current = await readRecord(address);
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
    throw error;
  }
}
