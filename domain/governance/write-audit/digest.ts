import { type Claim, isLive } from "./claim.ts";

export interface DigestState {
  /** Up to here digests have told everything, seconds since the epoch. */
  until?: number;
  claim?: Claim;
}

export const NO_DIGEST: DigestState = {};

const DAY_SECONDS = 86_400;
/**
 * What was seen a moment ago is left to the next digest: its row may be on its way to the index, and its alert on its way
 * to people.
 */
const MARGIN_SECONDS = 600;
/** As long as the function runs. */
const CLAIM_MS = 30_000;

/** The span of time that a digest is about, in seconds since the epoch. */
export interface DigestSpan {
  since: number;
  until: number;
}

/** Takes it on to make the digest of a day, unless that was done or somebody does it. */
export function claimDigest(
  state: DigestState,
  scheduledAt: number,
  by: string,
  now: number,
): { state: DigestState; claim: DigestSpan | "done" | "elsewhere" } {
  const until = Math.floor(scheduledAt / 1_000) - MARGIN_SECONDS;
  const since = state.until ?? until - DAY_SECONDS;
  if (since >= until) return { state, claim: "done" };
  if (isLive(state.claim, now) && state.claim.by !== by) return { state, claim: "elsewhere" };
  return { state: { ...state, claim: { by, until: now + CLAIM_MS } }, claim: { since, until } };
}

/** The digest was sent, or (`until` absent) could not be sent: whoever comes next may try. */
export function settleDigest(state: DigestState, by: string, until: number | undefined): DigestState {
  if (until !== undefined) return { until: Math.max(until, state.until ?? 0) };
  if (state.claim?.by !== by) return state;
  const { claim: _, ...rest } = state;
  return rest;
}
