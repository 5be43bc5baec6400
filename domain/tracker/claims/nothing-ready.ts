import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import { isBlocked, isParked } from "../readiness.ts";
import type { TrackerRecord } from "../record.ts";
import { expiredLeases } from "./expired-leases.ts";
import { MOST_COUNTED } from "./known-ready.ts";
import { type Count, countLeased, countStalled, queryLeased, type Work } from "./ready-store.ts";

/** Asked again after so long where no lease tells better, and never later than this. */
const USUAL_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 300;
const LEASES_LOOKED_AT = 25;

function sum(counts: readonly Count[]): Count {
  const count = counts.reduce((total, one) => total + one.count, 0);
  const isLowerBound = count > MOST_COUNTED || counts.some((one) => one.isLowerBound);
  return { count: Math.min(count, MOST_COUNTED), isLowerBound };
}

function told(name: string, { count, isLowerBound }: Count): Record<string, unknown> {
  return { [name]: count, ...(isLowerBound && { [`${name}_is_lower_bound`]: true }) };
}

/** Seconds until the first lease ends, if that is soon. */
async function secondsToWait(works: readonly Work[], now: number): Promise<number> {
  const pages = await Promise.all(works.map((work) => queryLeased(work, LEASES_LOOKED_AT)));
  const ends = pages
    .flatMap(({ rows }) => rows.map(({ lease_expires_at }) => Math.ceil((Date.parse(lease_expires_at) - now) / 1000)))
    .filter((seconds) => seconds > 0);
  return Math.min(LONGEST_WAIT_SECONDS, ...(ends.length > 0 ? ends : [USUAL_WAIT_SECONDS]));
}

/** The refusal of a claim where nothing is ready: why that is, and when to ask again. */
export async function nothingReady(works: readonly Work[], now: number): Promise<DomainError> {
  const of = (count: (work: Work) => Promise<Count>) => Promise.all(works.map(count));
  const [stalled, leases, aside, seconds, ended] = await Promise.all([
    of((work) => countStalled(work, "blocked", MOST_COUNTED)),
    of((work) => countLeased(work, timestamp(now), MOST_COUNTED)),
    of((work) => countStalled(work, "parked", MOST_COUNTED)),
    secondsToWait(works, now),
    // They stand in the index of leases still, whatever holds them up now.
    Promise.all(works.map((work) => expiredLeases(work, now))).then((records) => records.flat()),
  ]);
  const among = (isHeldUp: (record: TrackerRecord) => boolean): Count => ({
    count: ended.filter(isHeldUp).length,
    isLowerBound: false,
  });
  const blocked = sum([...stalled, among(isBlocked)]);
  const leased = sum(leases);
  const parked = sum([...aside, among((record) => !isBlocked(record) && isParked(record))]);
  return new DomainError(
    "NOTHING_READY",
    `Nothing is ready: ${blocked.count} blocked, ${leased.count} leased, ${parked.count} parked.`,
    {
      counts: { ...told("blocked", blocked), ...told("leased", leased), ...told("parked", parked) },
      retry_after_seconds: seconds,
      next_action: `Ask again in ${seconds} s, or look with explain at what holds up a record.`,
    },
    { retryAfterSeconds: seconds },
  );
}
