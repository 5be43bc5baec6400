import { taskId } from "../records.ts";
import { TITLE, type TrackerRequests } from "../requests.ts";
import type { BareTracker } from "./bare-tracker.ts";

/** One side of a comparison: what is timed, and what has to happen round it untimed. */
export interface Side {
  before?: (n: number) => Promise<unknown>;
  /** Makes the n-th call ready; only what it returns is timed. */
  call: (n: number) => () => Promise<unknown>;
  after?: (n: number) => Promise<unknown>;
}

/** A request of the tracker, and the calls of DynamoDB that it makes. */
export interface Pair {
  name: string;
  served: Side;
  bare: Side;
}

export const PAGE = 50;
/** The tracker reads a few rows beyond the page. */
const ROWS_OF_A_PAGE = PAGE + 5;
/** So many records take turns that none gets a longer history than a record carries itself. */
export const TASKS = 500;

/** So many tasks are ready that every claim of a run gets one. */
export const READY_TASKS = 4_000;

/**
 * Claims, and what they would be at the very least. A worker claims one task after the other, also where new tasks come in
 * meanwhile.
 */
export function claimPairsOf(
  serve: (event: unknown) => Promise<void>,
  requests: TrackerRequests,
  bare: BareTracker,
): Pair[] {
  let claimed = 0;
  const bareClaim: Side = {
    call: () => {
      const id = taskId(claimed++);
      return () => bare.claim(id);
    },
  };
  const claim: Side = {
    call: () => {
      const event = requests.claimNext();
      return () => serve(event);
    },
  };
  return [
    { name: "claims/next, one after the other", served: claim, bare: bareClaim },
    {
      name: "claims/next, after a create",
      served: { ...claim, before: () => serve(requests.create(TITLE)) },
      bare: bareClaim,
    },
  ];
}

const NAMES = ["barbara", "charles", "frances"];

/** The requests that are compared. Serving and bare calls have a project each, of the same content. */
export function pairsOf(
  serve: (event: unknown) => Promise<void>,
  requests: TrackerRequests,
  bare: BareTracker,
): Pair[] {
  const task = (n: number) => taskId(n % TASKS);
  const name = (n: number) => NAMES[n % NAMES.length] ?? "";
  /** The event is there before the clock starts: the runtime makes it, not the function. */
  const serving = (eventOf: (n: number) => unknown) => (n: number) => {
    const event = eventOf(n);
    return () => serve(event);
  };
  return [
    {
      name: "get",
      served: { call: serving((n) => requests.get(task(n))) },
      bare: { call: (n) => () => bare.get(task(n)) },
    },
    {
      name: "create",
      served: { call: serving(() => requests.create(TITLE)) },
      bare: { call: () => () => bare.create("BEN", TITLE) },
    },
    {
      name: "patch",
      served: { call: serving((n) => requests.patch(task(n), name(n))) },
      bare: { call: (n) => () => bare.patch(task(n), name(n)) },
    },
    {
      name: `list, page of ${PAGE}`,
      served: { call: serving(() => requests.list({ limit: PAGE })) },
      bare: { call: () => () => bare.list(ROWS_OF_A_PAGE) },
    },
    {
      name: "checkout after a get",
      served: {
        before: (n) => serve(requests.get(task(n))),
        call: serving((n) => requests.checkout(task(n))),
        after: (n) => serve(requests.release(task(n))),
      },
      bare: {
        before: (n) => bare.get(task(n)),
        call: (n) => () => bare.checkout(task(n)),
        after: (n) => bare.release(task(n)),
      },
    },
  ];
}
