import { type Claim, isLive } from "./claim.ts";

/** So many anomalies within `WINDOW_MS` are told one by one. */
export const MOST_SINGLE_ALERTS = 20;
export const WINDOW_MS = 5 * 60_000;

/** An anomaly that has been counted. */
interface Counted {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** The flood that it was part of; absent for one that is told by itself. */
  flood?: string;
}

/** Anomalies that come faster than they are told one by one. It is over when none has been held back for `WINDOW_MS`. */
interface Flood {
  /** The anomaly that it began with. */
  id: string;
  lastAt: number;
  claim?: Claim;
  announcedAt?: number;
}

export interface FloodState {
  /** The newest anomalies, one more than are told one by one: those of which a flood is told. */
  recent: Counted[];
  /** The newest flood. */
  flood?: Flood;
}

export const CALM: FloodState = { recent: [] };

export interface Admission {
  state: FloodState;
  /** The flood on account of which the anomaly is not told by itself. */
  flood: string | undefined;
}

function floodAt({ flood }: FloodState, id: string, now: number): Flood {
  const goesOn = flood !== undefined && flood.lastAt > now - WINDOW_MS;
  return goesOn ? { ...flood, lastAt: Math.max(flood.lastAt, now) } : { id, lastAt: now };
}

/**
 * Counts an anomaly and decides how it is told: by itself, unless as many others as may be told by themselves have come
 * within the window before it. So there are never more single alerts in any window. An anomaly that comes again while it
 * is among the newest is decided as before and not counted again.
 */
export function admit(state: FloodState, id: string, now: number): Admission {
  const known = state.recent.find((counted) => counted.id === id);
  if (known) return { state, flood: known.flood };
  const lately = state.recent.filter(({ at }) => at > now - WINDOW_MS);
  const next = (counted: Counted) => [...lately, counted].slice(-(MOST_SINGLE_ALERTS + 1));
  if (lately.length < MOST_SINGLE_ALERTS) {
    return { state: { ...state, recent: next({ id, at: now }) }, flood: undefined };
  }
  const flood = floodAt(state, id, now);
  return { state: { recent: next({ id, at: now, flood: flood.id }), flood }, flood: flood.id };
}

/** `told` where people know of the flood, or it is over; `claimed` where somebody else tells of it. */
export interface FloodTurn {
  state: FloodState;
  turn: "ours" | "told" | "claimed";
}

/** Takes it on to tell people of a flood, unless that was done or somebody does it. */
export function claimFlood(state: FloodState, id: string, claim: Claim, now: number): FloodTurn {
  const { flood } = state;
  if (flood?.id !== id || flood.announcedAt !== undefined) return { state, turn: "told" };
  if (isLive(flood.claim, now) && flood.claim.by !== claim.by) return { state, turn: "claimed" };
  return { state: { ...state, flood: { ...flood, claim } }, turn: "ours" };
}

/** People have been told of a flood, or (`announcedAt` absent) could not be told: whoever comes next may try. */
export function settleFlood(state: FloodState, id: string, by: string, announcedAt: number | undefined): FloodState {
  const { flood } = state;
  if (flood?.id !== id || flood.announcedAt !== undefined) return state;
  const { claim, ...rest } = flood;
  if (announcedAt !== undefined) return { ...state, flood: { ...rest, announcedAt } };
  return claim?.by === by ? { ...state, flood: rest } : state;
}
