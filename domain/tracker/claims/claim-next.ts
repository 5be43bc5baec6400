import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import type { Writer } from "../attribution.ts";
import { grantTo, holderName } from "../checkout.ts";
import { settleLeftOvers } from "../dependencies/settle.ts";
import { type Lease, leaseOf } from "../lease.ts";
import { type PublicRecord, withCarriedHistory } from "../read-record.ts";
import { remember } from "../recent-records.ts";
import type { RecordType, TrackerRecord } from "../record.ts";
import { prepare } from "../transaction.ts";
import { type Candidates, candidates, hasFilter, isClaimable, isWanted, type WorkFilter } from "./candidates.ts";
import { MOST_COUNTED } from "./known-ready.ts";
import { nothingReady } from "./nothing-ready.ts";
import type { Work } from "./ready-store.ts";

export interface ClaimRequest extends WorkFilter {
  projectId: string;
  types: readonly RecordType[];
  /** How long the lease lasts; undefined for the default. */
  seconds: number | undefined;
  onceKey: string | undefined;
}

/** A record that was handed out. */
export interface Claim {
  record: PublicRecord;
  lease: Lease;
  /** How many more are ready for the same request. */
  readyLeft: number;
  /** Whether there are more than it says. */
  readyLeftIsLowerBound: boolean;
}

type Left = Pick<Claim, "readyLeft" | "readyLeftIsLowerBound">;

/** With a filter every row has to be looked at: not more than these. */
const MOST_LOOKED_AT = 500;
/** After so many lost races the function has still time to say so. */
const PATIENCE_MS = 7_000;

/** Records that other calls in this container are just about to take. */
const beingClaimed = new Set<string>();

function nameOf({ project_id, record_id }: TrackerRecord): string {
  return `${project_id}/${record_id}`;
}

function atMost(count: number, isLowerBound: boolean): Left {
  return { readyLeft: Math.min(count, MOST_COUNTED), readyLeftIsLowerBound: isLowerBound || count > MOST_COUNTED };
}

/** How many are ready beside a candidate, as far as this container has seen and counted. */
function leftOf({ seen, expired }: Candidates, candidate: TrackerRecord): Left {
  const known = [...expired, ...seen.flatMap(({ look }) => look.rows)];
  const others = new Set(known.map(nameOf));
  others.delete(nameOf(candidate));
  const count = others.size + seen.reduce((sum, { look }) => sum + look.behind.count, 0);
  return atMost(
    count,
    seen.some(({ look }) => look.behind.isLowerBound),
  );
}

/** How many of the rest are wanted, as far as it is looked at. */
async function wantedAmong(rest: AsyncGenerator<TrackerRecord, void>, filter: WorkFilter): Promise<Left> {
  let [count, looked] = [0, 0];
  for await (const record of rest) {
    looked += 1;
    if (isWanted(record, filter)) count += 1;
    if (count > MOST_COUNTED || looked >= MOST_LOOKED_AT) return atMost(count, true);
  }
  return atMost(count, false);
}

/** What became of one attempt to take a candidate. */
type Attempt = { claim: Claim } | { taken: true };

async function take(
  candidate: TrackerRecord,
  { seconds, onceKey }: ClaimRequest,
  writer: Writer,
  left: () => Promise<Left>,
): Promise<Attempt> {
  let image = candidate;
  // An image that is out of date may only lack what was logged since: the failed condition brings the newer one.
  for (const _ of ["as it was seen", "as it is"]) {
    const now = Date.now();
    if (!isClaimable(image, now)) break;
    const { after, entry } = grantTo(image, writer, seconds, now);
    const prepared = prepare([{ before: image, after, entry }], [], writer, timestamp(now));
    const record = prepared.records[0] as TrackerRecord;
    const claim = { record: withCarriedHistory(record), lease: leaseOf(record), ...(await left()) };
    const mark = onceKey === undefined ? [] : [markDone(onceKey, claim, now)];
    const outcome = await prepared.send(mark);
    if (outcome.committed) {
      remember(record);
      return { claim };
    }
    const done = onceKey !== undefined && outcome.others[0] ? await doneBefore<Claim>(onceKey) : undefined;
    if (done) return { claim: done.result };
    const mine = outcome.records[0];
    if (mine?.state !== "changed") break;
    image = mine.current;
  }
  return { taken: true };
}

interface Round {
  claim: Claim | undefined;
  /** Whether something was ready that others were faster with, or may be: then it is worth another look. */
  isContended: boolean;
}

/** One pass through what is ready: the best one first, and after a lost race not the very next one that all others try. */
async function round(request: ClaimRequest, works: readonly Work[], writer: Writer, fresh: boolean): Promise<Round> {
  const now = Date.now();
  const found = await candidates(works, now, fresh);
  const { rows } = found;
  let losses = 0;
  let skip = 0;
  let isContended = false;
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    const candidate = next.value;
    if (!isWanted(candidate, request)) continue;
    const name = nameOf(candidate);
    if (beingClaimed.has(name) || skip > 0) {
      if (!beingClaimed.has(name)) skip -= 1;
      isContended = true;
      continue;
    }
    beingClaimed.add(name);
    try {
      // Counted once for a candidate: the rest of the rows can be read once only.
      let counted: Promise<Left> | undefined;
      const left = () => {
        counted ??= hasFilter(request) ? wantedAmong(rows, request) : Promise.resolve(leftOf(found, candidate));
        return counted;
      };
      const attempt = await take(candidate, request, writer, left);
      if ("claim" in attempt) return { claim: attempt.claim, isContended };
    } finally {
      beingClaimed.delete(name);
    }
    isContended = true;
    losses += 1;
    skip = randomInt(2 ** Math.min(losses, 6));
  }
  return { claim: undefined, isContended };
}

/**
 * Hands out the best ready record and leases it, in one write that holds only if it is still free: of any number of
 * callers at once no two get the same one.
 * @throws DomainError INVALID_INPUT (no name for the holder), NOTHING_READY, INTERNAL_ERROR
 */
export async function claimNext(request: ClaimRequest, writer: Writer): Promise<Claim> {
  holderName(writer);
  const { projectId, onceKey } = request;
  const works = request.types.map((type) => ({ projectId, type }));
  const giveUpAt = Date.now() + PATIENCE_MS;
  let fresh = false;
  for (;;) {
    const { claim, isContended } = await round(request, works, writer, fresh);
    if (claim) return claim;
    if (isContended && Date.now() < giveUpAt) await wait(randomInt(5, 40));
    else if (fresh && !(await settleLeftOvers(projectId, writer))) break;
    fresh = true;
  }
  const done = onceKey === undefined ? undefined : await doneBefore<Claim>(onceKey);
  if (done) return done.result;
  throw await nothingReady(works, Date.now());
}
