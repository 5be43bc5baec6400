import { type Alert, publishAlert } from "@enceladus/shared/alerts";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { timestamp } from "@enceladus/shared/time";
import { changeState } from "./alert-state-store.ts";
import { claimDigest, NO_DIGEST, settleDigest } from "./digest.ts";
import { RUNBOOK } from "./single-alert.ts";
import { newTally, shown, type Tally, tally } from "./tally.ts";
import { untoldViolations } from "./violation-store.ts";

const TYPE = "GOVERNANCE_WRITE_ANOMALY_DIGEST";

/** What is said of a day. */
export interface Digest {
  /** Seconds since the epoch. */
  since: number;
  /** Seconds since the epoch, not included. */
  until: number;
  counted: Tally;
  /** Whether all of the span was counted; else there are more. */
  complete: boolean;
}

/** The message about all violations that no alert of their own has told of. */
export function digestAlert({ since, until, counted, complete }: Digest): Alert {
  const number = complete ? `${counted.count}` : `at least ${counted.count}`;
  return {
    subject: `[SECURITY] Governance bypass: daily digest, ${number} anomalies without an alert of their own`,
    type: TYPE,
    body: {
      alert_type: TYPE,
      message: `Writes without proper attribution that no alert of their own has told of: ${number}.`,
      since: timestamp(since * 1_000),
      until: timestamp(until * 1_000),
      ...(!complete && { count_is_lower_bound: true }),
      ...shown(counted),
      runbook: RUNBOOK,
    },
  };
}

async function countUntold(since: number, until: number, deadline: number): Promise<Digest> {
  const counted = newTally();
  for await (const page of untoldViolations(since, until)) {
    if (counted.count > 0 && Date.now() > deadline) return { since, until, counted, complete: false };
    tally(counted, page);
  }
  return { since, until, counted, complete: true };
}

/** `done` where an earlier call for the same day was here, `elsewhere` while one is at it. */
export type DigestOutcome = "sent" | "nothing to tell" | "done" | "elsewhere" | "unconfigured";

const settle = (by: string, until: number | undefined) =>
  changeState("digest", NO_DIGEST, (state) => ({ state: settleDigest(state, by, until) }));

async function claimAndSend(topicArn: string, by: string, scheduledAt: number, deadline: number) {
  const { claim } = await changeState("digest", NO_DIGEST, (state) => claimDigest(state, scheduledAt, by, Date.now()));
  if (typeof claim === "string") return claim;
  const digest = await countUntold(claim.since, claim.until, deadline);
  if (!digest.complete) log().warn("digest_incomplete", { since: digest.since, until: digest.until });
  const hasNews = digest.counted.count > 0;
  if (hasNews) await publishAlert(topicArn, digestAlert(digest));
  await settle(by, claim.until);
  return hasNews ? "sent" : "nothing to tell";
}

/**
 * Tells people once a day what no single alert has told of, from where the digest before has ended. It says nothing where
 * there is nothing to say. Called again for the same day it does nothing; only one who dies between the message and the
 * mark makes it come twice.
 * @param scheduledAt milliseconds since the epoch; the same in every delivery of a call
 * @param deadline milliseconds since the epoch: counting ends then, and the digest says that there are more
 * @throws DomainError INTERNAL_ERROR, UPSTREAM_ERROR: it is to be tried again
 */
export async function sendDigest(scheduledAt: number, deadline: number): Promise<DigestOutcome> {
  const topicArn = process.env.GOVERNANCE_ALERT_SNS_ARN;
  if (!topicArn) return "unconfigured";
  const by = newId();
  try {
    return await claimAndSend(topicArn, by, scheduledAt, deadline);
  } catch (error) {
    // Else the repeat of the call would find it claimed. Should this fail too, the claim ends by itself.
    await settle(by, undefined).catch(() => undefined);
    throw error;
  }
}
