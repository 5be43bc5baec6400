import { publishAlert } from "@enceladus/shared/alerts";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { changeState } from "./alert-state-store.ts";
import { announceFlood } from "./announce-flood.ts";
import { awaitTurn } from "./await-turn.ts";
import { CLAIM_MS } from "./claim.ts";
import { admit, CALM } from "./flood.ts";
import { singleAlert } from "./single-alert.ts";
import type { Violation } from "./violation.ts";
import { releaseViolation, settleViolation, takeViolation } from "./violation-store.ts";

/** How people hear of a violation; `known` where they have by an earlier delivery, `unconfigured` where there is no topic. */
export type AlertOutcome = "alerted" | "held" | "known" | "unconfigured";

async function tell(topicArn: string, violation: Violation, by: string): Promise<AlertOutcome> {
  const { violation_id } = violation;
  const { flood } = await changeState("flood", CALM, (state) => admit(state, violation_id, Date.now()));
  if (flood === undefined) await publishAlert(topicArn, singleAlert(violation));
  else await announceFlood(topicArn, flood, by);
  await settleViolation(violation_id, flood === undefined ? "alerted_at" : "held_at", Date.now());
  return flood === undefined ? "alerted" : "held";
}

async function takeAndTell(violation: Violation, by: string): Promise<AlertOutcome> {
  const topicArn = process.env.GOVERNANCE_ALERT_SNS_ARN;
  // Without a topic nobody tells of it, and nobody needs to be kept from it.
  const claimMs = topicArn ? CLAIM_MS : 0;
  const taken = await awaitTurn((now) => takeViolation(violation, { by, until: now + claimMs }, now));
  if (taken.turn === "settled") return "known";
  if (topicArn) return tell(topicArn, taken.violation, by);
  const { violation_id, details } = taken.violation;
  log().warn("governance_alert_unconfigured", { violation_id, message_of_alert: details.message });
  await count("governance_alert_unconfigured", {});
  return "unconfigured";
}

/**
 * Tells people of a violation, once: by its own alert, or, where there are too many, by the message of the flood that it
 * is part of and by the next digest.
 *
 *     keep and claim --- count --- publish --- write down that it was told
 *
 * Whoever comes to a violation that was told of does nothing; whoever comes to one that is claimed waits for the claim to
 * end. One who is killed between the last two steps has told of it and not written it down, so it is told of again: at
 * least once, and exactly once where nobody dies there and no answer of the topic gets lost.
 * @throws DomainError INTERNAL_ERROR, UPSTREAM_ERROR (retryable): it is to be delivered again. CONFLICT (retryable): another
 *   delivery is at it.
 */
export async function raiseAlert(violation: Violation): Promise<AlertOutcome> {
  const by = newId();
  try {
    return await takeAndTell(violation, by);
  } catch (error) {
    // Else the next delivery would wait for the claim to end. Not to be able to release it changes nothing else.
    await releaseViolation(violation.violation_id, by).catch((also: unknown) =>
      log().warn("claim_not_released", { violation_id: violation.violation_id, error: also as Error }),
    );
    throw error;
  }
}
