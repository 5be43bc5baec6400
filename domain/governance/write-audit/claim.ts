/** Who is telling people of something, and until when nobody else does. */
export interface Claim {
  by: string;
  /** Milliseconds since the epoch. */
  until: number;
}

/** Longer than it takes to publish, with the client's retries; so long an alert waits whose teller was killed. */
export const CLAIM_MS = 10_000;

export function isLive(claim: Claim | undefined, now: number): claim is Claim {
  return claim !== undefined && claim.until > now;
}
