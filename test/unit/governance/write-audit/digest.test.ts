import { describe, expect, it } from "@jest/globals";
import { claimDigest, NO_DIGEST, settleDigest } from "../../../../domain/governance/write-audit/digest.ts";

const DAY_MS = 86_400_000;
const SIX = Date.UTC(2026, 0, 5, 6);
const inSeconds = (at: number) => at / 1_000;

describe("the span of a digest", () => {
  const first = claimDigest(NO_DIGEST, SIX, "me", SIX);

  it("is a day, to some minutes ago, where there was none before", () => {
    expect(first.claim).toStrictEqual({ since: inSeconds(SIX - DAY_MS) - 600, until: inSeconds(SIX) - 600 });
  });

  it("begins where the one before has ended, however long ago that is", () => {
    const sent = settleDigest(first.state, "me", inSeconds(SIX) - 600);
    const { claim } = claimDigest(sent, SIX + 3 * DAY_MS, "me", SIX + 3 * DAY_MS);
    expect(claim).toStrictEqual({ since: inSeconds(SIX) - 600, until: inSeconds(SIX + 3 * DAY_MS) - 600 });
  });

  it("is none for a call that comes again, or late", () => {
    const sent = settleDigest(first.state, "me", inSeconds(SIX) - 600);
    for (const at of [SIX, SIX - DAY_MS])
      expect(claimDigest(sent, at, "you", SIX)).toEqual({ state: sent, claim: "done" });
    expect(settleDigest(sent, "you", inSeconds(SIX - DAY_MS))).toStrictEqual(sent);
  });

  it("is left to whoever is at it, for as long as the function runs", () => {
    expect(claimDigest(first.state, SIX, "you", SIX + 29_999).claim).toBe("elsewhere");
    expect(claimDigest(first.state, SIX, "you", SIX + 30_000).claim).toStrictEqual(first.claim);
    const released = settleDigest(first.state, "me", undefined);
    expect(claimDigest(released, SIX, "you", SIX + 1).claim).toStrictEqual(first.claim);
    expect(settleDigest(first.state, "you", undefined)).toBe(first.state);
  });
});
