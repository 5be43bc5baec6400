import { DomainError } from "@enceladus/shared/errors";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { timestamp } from "@enceladus/shared/time";
import pLimit from "p-limit";
import pRetry from "p-retry";
import type { Writer } from "../attribution.ts";
import { clearUnsettled, type Edge, edgePagesTo, putUnsettled, type Unsettled, unsettledOf } from "../link-store.ts";
import { isBlocked } from "../readiness.ts";
import { addressOf, type TrackerRecord } from "../record.ts";
import { readRecords } from "../record-store.ts";
import { prepare, type SideWrite, unchanged } from "../transaction.ts";
import { informed } from "./consequences.ts";
import { recordsAt } from "./images.ts";

/** A dependant takes an item of a transaction, and a second one where its own dependants have to wait. */
const DEPENDANTS_AT_ONCE = 40;
const ATTEMPTS = { retries: 50, minTimeout: 20, maxTimeout: 300, factor: 2, randomize: true };

class Contended extends Error {}

async function readAgain({ project_id, record_id }: Unsettled): Promise<TrackerRecord | undefined> {
  const [type, itemId] = record_id.split("#");
  const address = addressOf({ project_id, record_type: type, item_id: itemId } as TrackerRecord);
  return (await readRecords([address]))[0];
}

/** @returns the dependants whose own dependants have to be told next */
async function tell(of: Unsettled, edges: readonly Edge[], writer: Writer): Promise<Unsettled[]> {
  const record = await readAgain(of);
  if (!record) return [];
  const ends = edges.map(({ from, from_project }) => ({ itemId: from, projectId: from_project }));
  const byId = new Map((await recordsAt(ends)).map((dependant) => [dependant.item_id, dependant]));
  const sides = edges.flatMap((edge): SideWrite[] => {
    const before = byId.get(edge.from);
    const after = before && informed(before, edge, record);
    return before && after && before !== after ? [{ before, after }] : [];
  });
  if (sides.length === 0) return [];
  const next = sides
    .filter(({ before, after }) => after.has_dependants && isBlocked(before) !== isBlocked(after))
    .map(({ after: { project_id, record_id, item_id } }) => ({ project_id, record_id, item_id, token: newId() }));
  const outcome = await prepare([], sides, writer, timestamp()).send([unchanged(record), ...next.map(putUnsettled)]);
  if (!outcome.committed) throw new Contended();
  return next;
}

async function settleOne(unsettled: Unsettled, writer: Writer): Promise<Unsettled[]> {
  const next: Unsettled[] = [];
  for (const kind of ["blocks", "parent"] as const) {
    for await (const edges of edgePagesTo(unsettled.item_id, kind, DEPENDANTS_AT_ONCE)) {
      const told = await pRetry(() => tell(unsettled, edges, writer), {
        ...ATTEMPTS,
        shouldRetry: ({ error }) => error instanceof Contended,
      });
      next.push(...told);
    }
  }
  await clearUnsettled(unsettled);
  return next;
}

/** Records whose dependants are told side by side; who depends on several of them is told by one after the other. */
const TOLD_AT_ONCE = 8;

async function settleAll(left: readonly Unsettled[], writer: Writer): Promise<void> {
  const limit = pLimit(TOLD_AT_ONCE);
  let level = left;
  while (level.length > 0) {
    const outcomes = await Promise.allSettled(level.map((unsettled) => limit(settleOne, unsettled, writer)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") continue;
      const error: unknown = outcome.reason;
      if (!(error instanceof DomainError || error instanceof Contended)) throw error;
      log().warn("dependants_not_told", { item_id: level[index]?.item_id, error });
    }
    level = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
  }
}

/**
 * Tells the dependants of a record that did not fit into its transaction, portion by portion, and their dependants
 * after them. Each portion is a transaction that holds only while the record is as it was read, and telling twice is
 * telling once: a run that is cut off leaves its marker, and whoever finds it goes on. It never fails its caller, whose
 * own change is made.
 */
export function settle(first: Unsettled, writer: Writer): Promise<void> {
  return settleAll([first], writer);
}

/**
 * Goes on where earlier runs were cut off.
 * @returns whether there was anything to do
 */
export async function settleLeftOvers(projectId: string, writer: Writer): Promise<boolean> {
  const left = await unsettledOf(projectId);
  await settleAll(left, writer);
  return left.length > 0;
}
