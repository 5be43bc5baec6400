import { DomainError } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import { timestamp } from "@enceladus/shared/time";
import * as z from "zod";
import { readConfigFile, writeConfigFile } from "./config-store.ts";
import { onceFor, tell } from "./deploy-queue.ts";
import { type PublishedState, projectState, published } from "./project-state.ts";
import { countPending } from "./request-store.ts";
import { settings } from "./settings.ts";
import { readState, type StateRow, writeState } from "./state-store.ts";

const MOST_REASON = 500;
const STATES = ["ACTIVE", "PAUSED"] as const;
const ONE_OF = `must be one of ${STATES.join(", ")}`;

/** What a caller says about the state of a project. */
export const stateChange = z.object({
  state: z
    .string(ONE_OF)
    .trim()
    .toUpperCase()
    .pipe(z.enum(STATES, ONE_OF))
    .describe(`One of ${STATES.join(", ")}`),
  reason: z
    .string("must be a string")
    .refine((text) => [...text].length <= MOST_REASON, `must have at most ${MOST_REASON} characters`)
    .nullish()
    .transform((reason) => reason ?? null)
    .describe("Why; one that is left out is not carried over"),
});

/** Who sets the state, and what it believes of it. */
export interface StateSetter {
  /** How data names it. */
  label: string;
  ifMatch?: Preconditions["ifMatch"];
  /** The entity tag, without its quotes, of a state as it is shown. */
  tagOf: (state: PublishedState) => string;
  /** Stands for the call where its caller has given it a key. */
  onceKey?: string | undefined;
}

/** A state that was set. */
export interface StateSet {
  state: PublishedState;
  message: string;
  /** How many requests were pending when the project was activated; absent where nothing was triggered. */
  pending?: number;
}

const COPY_ATTEMPTS = 10;

/**
 * Publishes the state as the row has it. The copy is written over the one that was there before the row was read: of two
 * who publish at once, the one that read the older row finds another copy, and reads again.
 */
async function publish(projectId: string): Promise<void> {
  for (let attempt = 0; attempt < COPY_ATTEMPTS; attempt += 1) {
    const copy = await readConfigFile(projectId, "state.json");
    const row = await readState(projectId);
    const over = copy === undefined ? "nothing" : copy.etag === undefined ? "any" : { etag: copy.etag };
    if (await writeConfigFile(projectId, "state.json", { ...published({ ...row }) }, over)) return;
  }
  throw new DomainError("UNAVAILABLE", "The state of the project is being published by others.");
}

function changedMeanwhile(current: PublishedState, { tagOf }: StateSetter): DomainError {
  return new DomainError("PRECONDITION_FAILED", "The state of the project is not the one that was read.", {
    current_version: tagOf(current),
    current_state: current.state,
    updated_at: current.updated_at,
    updated_by: current.updated_by,
    next_action: "Read the state again and repeat the change if it still makes sense.",
  });
}

/** Sets the row, if it is as the caller believes. */
async function change(
  projectId: string,
  { state, reason }: z.output<typeof stateChange>,
  setter: StateSetter,
): Promise<StateRow> {
  const { ifMatch, tagOf, label } = setter;
  const before = await projectState(projectId);
  const isConditional = ifMatch !== undefined && ifMatch !== "*";
  if (isConditional && !ifMatch.includes(tagOf(before.published))) throw changedMeanwhile(before.published, setter);
  const now = timestamp();
  // A pause of which only the published copy tells goes on; that of a row is kept by the write itself.
  const isOnlyPublished = before.row?.state === undefined && before.published.state === "PAUSED";
  const since = (isOnlyPublished && before.published.paused_since) || now;
  const wanted = {
    state,
    updated_at: now,
    updated_by: label,
    reason,
    paused_since: state === "PAUSED" ? since : null,
  };
  const row = await writeState(projectId, wanted, isConditional ? { row: before.row } : undefined);
  if (row) return row;
  const current = await readState(projectId);
  const isOurs = current?.state === state && current.updated_at === now && current.updated_by === label;
  // The answer to our own write got lost, and its repeat met what it had written.
  if (current && isOurs && current.reason === reason) return current;
  throw changedMeanwhile(published({ ...current }), setter);
}

/**
 * Sets the state of a project and publishes it; one that becomes active has what is pending looked at. Safe to repeat:
 * what a run has left half-done is done by the next.
 * @throws DomainError PRECONDITION_FAILED (`If-Match`); INTERNAL_ERROR, UNAVAILABLE
 */
export async function setState(
  projectId: string,
  wanted: z.output<typeof stateChange>,
  setter: StateSetter,
): Promise<StateSet> {
  const row = await change(projectId, wanted, setter);
  await publish(projectId);
  const state = published({ ...row });
  if (wanted.state === "PAUSED") {
    return { state, message: "Deployments are paused; requests are stored and wait." };
  }
  const pending = settings.queueUrl() === undefined ? 0 : await countPending(projectId);
  const message = "Deployments are active.";
  if (pending === 0) return { state, message };
  const sent = await tell(projectId, "state_activated", onceFor(projectId, "state_activated", setter.onceKey));
  if (sent === undefined) return { state, message: `${message} What is pending could not be triggered.` };
  return { state, message: `${message} What is pending is deployed after a 60-second debounce.`, pending };
}
