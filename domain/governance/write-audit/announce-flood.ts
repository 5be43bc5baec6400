import { type Alert, publishAlert } from "@enceladus/shared/alerts";
import { changeState } from "./alert-state-store.ts";
import { awaitTurn } from "./await-turn.ts";
import { CLAIM_MS } from "./claim.ts";
import { CALM, claimFlood, MOST_SINGLE_ALERTS, settleFlood, WINDOW_MS } from "./flood.ts";
import { RUNBOOK } from "./single-alert.ts";
import { newTally, shown, type Tally, tally } from "./tally.ts";
import { violationsById } from "./violation-store.ts";

const TYPE = "GOVERNANCE_WRITE_ANOMALY_FLOOD";

/** The message of a flood: what it begins with. How much comes after is in the digest. */
export function floodAlert(floodId: string, counted: Tally): Alert {
  const minutes = WINDOW_MS / 60_000;
  return {
    subject: `[SECURITY] Governance bypass: more than ${MOST_SINGLE_ALERTS} anomalies in ${minutes} minutes`,
    type: TYPE,
    body: {
      alert_type: TYPE,
      message:
        `More than ${MOST_SINGLE_ALERTS} writes without proper attribution in ${minutes} minutes. No further one is told ` +
        "of by itself until they come more slowly; the daily digest has the rest. These are the ones it began with.",
      flood_id: floodId,
      ...shown(counted),
      runbook: RUNBOOK,
    },
  };
}

const settle = (floodId: string, by: string, at: number | undefined) =>
  changeState("flood", CALM, (state) => ({
    state: settleFlood(state, floodId, by, at),
  }));

async function claimAndTell(topicArn: string, floodId: string, by: string): Promise<void> {
  const { state, turn } = await awaitTurn((now) =>
    changeState("flood", CALM, (current) => claimFlood(current, floodId, { by, until: now + CLAIM_MS }, now)),
  );
  if (turn === "told") return;
  const violations = await violationsById(state.recent.map(({ id }) => id));
  await publishAlert(topicArn, floodAlert(floodId, tally(newTally(), violations)));
  await settle(floodId, by, Date.now());
}

/**
 * Sees to it that people have been told of a flood, once: by this call, or by another one, which is waited for. As with
 * single alerts: at least once, and exactly once where nobody dies between the message and the mark.
 * @throws DomainError INTERNAL_ERROR, UPSTREAM_ERROR, CONFLICT: it is to be tried again
 */
export async function announceFlood(topicArn: string, floodId: string, by: string): Promise<void> {
  try {
    await claimAndTell(topicArn, floodId, by);
  } catch (error) {
    // Should this fail too, the claim ends by itself.
    await settle(floodId, by, undefined).catch(() => undefined);
    throw error;
  }
}
