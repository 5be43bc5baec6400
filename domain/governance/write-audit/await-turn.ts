import { setTimeout as wait } from "node:timers/promises";
import { DomainError } from "@enceladus/shared/errors";
import { CLAIM_MS } from "./claim.ts";

const LOOK_MS = 250;

/**
 * Looks until nobody else has a claim. It waits for it here, since whoever claimed may have been killed, and deliveries
 * are counted: to fail each time would use them up.
 * @param look tries to claim; `claimed` where somebody else has
 * @throws DomainError CONFLICT (retryable) after as long as a claim lasts; whatever the look throws
 */
export async function awaitTurn<Look extends { turn: string }>(
  look: (now: number) => Promise<Look>,
): Promise<Exclude<Look, { turn: "claimed" }>> {
  const patience = Date.now() + CLAIM_MS + LOOK_MS;
  for (let now = Date.now(); now < patience; now = Date.now()) {
    const found = await look(now);
    if (found.turn !== "claimed") return found as Exclude<Look, { turn: "claimed" }>;
    await wait(LOOK_MS);
  }
  throw new DomainError("CONFLICT", "Another delivery tells of it.", {}, { retryable: true });
}
