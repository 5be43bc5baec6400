import { log } from "@enceladus/shared/log";
import pLimit from "p-limit";
import { type LooseBody, queryDue } from "./loose-body-store.ts";
import { type Fate, settleBody } from "./settle-body.ts";

const AT_ONCE = 5;

/** What a sweep did with the bodies that were due. */
export interface Swept {
  /** Named by their row after all. */
  kept: number;
  removed: number;
  /** Held by somebody new, or in the hands of another sweep. */
  passed: number;
  /** Left for the next sweep, since something failed. */
  failed: number;
  /** Whether all that was due was looked at. */
  finished: boolean;
}

async function settle(body: LooseBody, now: number): Promise<Fate | "failed"> {
  try {
    return await settleBody(body, now);
  } catch (error) {
    // One body that cannot be settled must not keep the others from it.
    log().error("body_not_swept", { s3_key: body.key, error: error as Error });
    return "failed";
  }
}

/**
 * Settles the bodies that have hung loose for 24 hours: those of writers that have crashed, and those that newer
 * versions have replaced. What its row names is kept, whatever else is removed. Safe to repeat and to run twice at once.
 * @param now milliseconds since the epoch
 * @param deadline no further page is begun after it
 * @throws DomainError INTERNAL_ERROR (the list of bodies cannot be read)
 */
export async function sweepBodies(
  now: number = Date.now(),
  deadline: number = Number.POSITIVE_INFINITY,
): Promise<Swept> {
  const limit = pLimit(AT_ONCE);
  const swept: Swept = { kept: 0, removed: 0, passed: 0, failed: 0, finished: false };
  let start: Record<string, unknown> | undefined;
  do {
    const page = await queryDue(now, start);
    const fates = await Promise.all(page.bodies.map((body) => limit(settle, body, now)));
    for (const fate of fates) swept[fate] += 1;
    start = page.last;
  } while (start && Date.now() < deadline);
  return { ...swept, finished: start === undefined };
}
