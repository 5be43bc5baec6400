import { invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import type { RecordType } from "./record.ts";
import { meaningOf } from "./text.ts";

/** What a transition demands before it is allowed; checked in gates.ts. */
export type Gate =
  | "commit"
  | "merge"
  | "deployment"
  | "issue-evidence"
  | "feature-complete"
  | "child-tasks-deployed"
  | "revert-reason";

interface Lifecycle {
  /** In the order of work. */
  order: readonly string[];
  initial: string;
  /** Where the close action of the user interface leads. */
  closed: string;
  /** Statuses in which nobody works on the record any more. */
  finished: readonly string[];
  /** Statuses that a record may be created in. */
  creatable: readonly string[];
  forward: Readonly<Record<string, Readonly<Record<string, Gate | undefined>>>>;
  revert: Readonly<Record<string, string>>;
}

export const LIFECYCLES: Readonly<Record<RecordType, Lifecycle>> = {
  task: {
    order: ["open", "in-progress", "coding-complete", "committed", "pushed", "merged-main", "deployed", "closed"],
    initial: "open",
    closed: "closed",
    finished: ["closed"],
    creatable: ["open", "in-progress", "coding-complete", "committed"],
    forward: {
      open: { "in-progress": undefined },
      "in-progress": { "coding-complete": undefined },
      "coding-complete": { committed: undefined },
      committed: { pushed: "commit" },
      pushed: { "merged-main": "merge" },
      "merged-main": { deployed: "deployment" },
      deployed: { closed: undefined },
    },
    revert: {
      "in-progress": "open",
      "coding-complete": "in-progress",
      committed: "coding-complete",
      pushed: "committed",
      "merged-main": "pushed",
      closed: "open",
    },
  },
  issue: {
    order: ["open", "in-progress", "closed"],
    initial: "open",
    closed: "closed",
    finished: ["closed"],
    creatable: ["open", "in-progress"],
    forward: {
      open: { "in-progress": undefined, closed: "issue-evidence" },
      "in-progress": { closed: "issue-evidence" },
    },
    revert: { "in-progress": "open", closed: "open" },
  },
  feature: {
    order: ["planned", "in-progress", "completed", "production", "deprecated"],
    initial: "planned",
    closed: "completed",
    finished: ["completed", "production", "deprecated"],
    creatable: ["planned", "in-progress"],
    forward: {
      planned: { "in-progress": undefined },
      "in-progress": { completed: "feature-complete" },
      completed: { production: "child-tasks-deployed" },
      production: { deprecated: undefined },
    },
    revert: { "in-progress": "planned", completed: "in-progress", production: "completed", deprecated: "production" },
  },
};
/** Spellings of older rows, by type, after normalisation. */
const LEGACY: Readonly<Record<RecordType, Readonly<Record<string, string>>>> = {
  task: { planned: "open", complete: "completed" },
  issue: { complete: "completed" },
  feature: { complete: "completed", closed: "completed" },
};

/** A stored status as the rules compare it: older rows have capitals, underscores, blanks and other words. */
export function currentStatus(type: RecordType, stored: unknown): string {
  const text = typeof stored === "string" ? stored : "";
  const plain = text.trim().toLowerCase().replaceAll(/[_ ]/g, "-");
  return meaningOf(LEGACY[type], plain) ?? plain;
}

/** Whether work on the record is over. */
export function isFinished(type: RecordType, stored: unknown): boolean {
  return LIFECYCLES[type].finished.includes(currentStatus(type, stored));
}

/** A move that is possible from a status, and what it wants as evidence. */
export interface PossibleTransition {
  to: string;
  requires?: Gate;
}

/** Every status that a record may move to. */
export function possibleTransitions(type: RecordType, stored: unknown): PossibleTransition[] {
  const from = currentStatus(type, stored);
  const { forward, revert, order, initial } = LIFECYCLES[type];
  if (!order.includes(from)) return [...new Set([initial, "in-progress"])].map((to) => ({ to }));
  const onward = Object.entries(forward[from] ?? {}).map(([to, requires]) => (requires ? { to, requires } : { to }));
  const back = revert[from];
  return back ? [...onward, { to: back, requires: "revert-reason" }] : onward;
}

/** What a status write turns out to be. */
export type Transition =
  | { kind: "same" }
  | { kind: "forward"; gate: Gate | undefined }
  | { kind: "revert"; reopens: boolean };

function describe(transitions: readonly PossibleTransition[], wanted: (one: PossibleTransition) => boolean): string {
  const targets = transitions.filter(wanted).map(({ to }) => to);
  return targets.length > 0 ? targets.join(", ") : "none";
}

/**
 * Judges a status write.
 * @param stored the status of the row
 * @param target the status wanted, already trimmed and in lower case
 * @throws DomainError INVALID_INPUT that names the valid forward and revert targets
 */
export function transition(type: RecordType, stored: unknown, target: string): Transition {
  const from = currentStatus(type, stored);
  const { order, forward, revert, initial, closed } = LIFECYCLES[type];
  if (order.includes(target)) {
    if (from === target) return { kind: "same" };
    const onward = forward[from];
    if (onward && target in onward) return { kind: "forward", gate: onward[target] };
    if (revert[from] === target) return { kind: "revert", reopens: from === closed && target === initial };
    if (!order.includes(from) && [initial, "in-progress"].includes(target)) return { kind: "forward", gate: undefined };
  }
  const possible = possibleTransitions(type, stored);
  const forwards = describe(possible, ({ requires }) => requires !== "revert-reason");
  const reverts = describe(possible, ({ requires }) => requires === "revert-reason");
  throw invalidInput(
    `Invalid status transition from '${firstCharacters(from, 60)}' to '${firstCharacters(target, 60)}'. Valid forward: ${forwards}. Valid revert: ${reverts}.`,
    {
      current_status: from,
      allowed_transitions: possible,
      next_action: possible.length > 0 ? `Set the status to one of: ${possible.map(({ to }) => to).join(", ")}.` : "",
    },
  );
}

/**
 * The status that a record is created in.
 * @throws DomainError INVALID_INPUT for a status that wants evidence first
 */
export function initialStatus(type: RecordType, wanted: string | undefined): string {
  const { creatable, initial } = LIFECYCLES[type];
  const status = (wanted ?? "").trim().toLowerCase();
  if (status === "") return initial;
  if (creatable.includes(status)) return status;
  throw invalidInput(
    `status: a ${type} is created in one of ${creatable.join(", ")}; got '${firstCharacters(status, 60)}'.`,
    {
      allowed_statuses: creatable,
    },
  );
}
