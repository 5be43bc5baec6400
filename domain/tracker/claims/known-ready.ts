import { placeOf, workScope } from "../readiness.ts";
import type { TrackerRecord } from "../record.ts";
import { type Count, countReady, queryReady, type Work } from "./ready-store.ts";

/** Claims take their turn through so many records before they look again. */
const LOOK = 25;
/** The index itself lags behind by a moment; a look that is not much older is as good as a new one. */
const GOOD_FOR_MS = 1_000;

/** Counted exactly as far as this, then it is a lower bound. */
export const MOST_COUNTED = 100;

/** What this container has seen at the top of a ready index. */
export interface Look {
  /** The best ones, best first, kept in step with what this container has written since. */
  rows: TrackerRecord[];
  /** Whether these were all that there are. */
  isComplete: boolean;
  /** The rank up to which it was looked. */
  upTo: string | undefined;
  /** How many there were behind that. */
  behind: Count;
  at: number;
}

/** What is known of one ready index. */
interface Knowledge {
  look: Look | undefined;
  /** A look that is being taken: whoever wants the same one meanwhile waits for it. */
  looking: Promise<Look> | undefined;
}

const known = new Map<string, Knowledge>();

function knowledgeOf(scope: string): Knowledge {
  const knowledge = known.get(scope) ?? { look: undefined, looking: undefined };
  known.set(scope, knowledge);
  return knowledge;
}

function lookAgain(work: Work, now: number): Promise<Look> {
  const knowledge = knowledgeOf(workScope(work.projectId, work.type));
  // What has come in since a look was begun makes it one of a time before: then there is another knowledge.
  knowledge.looking ??= takeLook(work, now, knowledge.look?.isComplete === true)
    .then((look) => {
      knowledge.look = look;
      return look;
    })
    .finally(() => {
      knowledge.looking = undefined;
    });
  return knowledge.looking;
}

/** @param sawAll whether all was seen the last time: it most likely will be again, and there is nothing to be counted */
async function takeLook(work: Work, now: number, sawAll: boolean): Promise<Look> {
  // One more than is told, since the one to be claimed is among them.
  const counting = sawAll ? undefined : countReady(work, MOST_COUNTED + 1);
  const [{ rows, last }, counted] = await Promise.all([queryReady(work, { limit: LOOK }), counting]);
  const isComplete = last === undefined;
  const all = isComplete ? undefined : (counted ?? (await countReady(work, MOST_COUNTED + 1)));
  const behind = { count: Math.max(0, (all?.count ?? 0) - rows.length), isLowerBound: all?.isLowerBound ?? false };
  const end = rows.at(-1);
  return { rows, isComplete, upTo: end && placeOf(end), behind, at: now };
}

function isGood({ at, rows, isComplete }: Look, now: number): boolean {
  return at <= now && now - at < GOOD_FOR_MS && (rows.length > 0 || isComplete);
}

/**
 * The best of what is ready. Where this container has looked a moment ago, what it saw then is good enough to try:
 * whether a record is still free is decided by the write that takes it.
 * @param fresh whether to look again in any case
 */
export async function lookAtReady(work: Work, now: number, fresh: boolean): Promise<Look> {
  const look = known.get(workScope(work.projectId, work.type))?.look;
  return look && !fresh && isGood(look, now) ? look : lookAgain(work, now);
}

/** So many rows come to a look by writes of this container before it is worth another one. */
const MOST_ROWS = 4 * LOOK;

/** Takes a record out of what is known: out of its rows, or out of the number behind them. */
function takeOut({ rows, behind, upTo, isComplete }: Look, record: TrackerRecord): void {
  const at = rows.findIndex(({ record_id }) => record_id === record.record_id);
  if (at >= 0) rows.splice(at, 1);
  else if (!isComplete && upTo !== undefined && placeOf(record) > upTo && behind.count > 0) behind.count -= 1;
}

/** Puts a record where it stands among the rows, or counts it behind them. */
function putIn({ rows, behind, upTo, isComplete }: Look, record: TrackerRecord): void {
  const place = placeOf(record);
  if (!isComplete && (upTo === undefined || place > upTo)) {
    behind.count += 1;
    return;
  }
  const next = rows.findIndex((row) => placeOf(row) > place);
  rows.splice(next < 0 ? rows.length : next, 0, record);
}

/**
 * Called with every write of this container: what it knows of ready work is never older than its own writes, and a
 * record that it wrote itself costs no further look.
 */
export function readinessChanged(before: TrackerRecord | undefined, after: TrackerRecord): void {
  const [was, is] = [before?.ready_scope, after.ready_scope];
  const left = typeof was === "string" ? known.get(was)?.look : undefined;
  if (left && before) takeOut(left, before);
  if (typeof is !== "string") return;
  const knowledge = known.get(is);
  // A look that is being taken may have passed the place of this record already: what it finds is of a time before.
  if (!knowledge?.look || knowledge.looking || knowledge.look.rows.length >= MOST_ROWS) known.delete(is);
  else putIn(knowledge.look, after);
}
