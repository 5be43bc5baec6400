import pLimit from "p-limit";
import { queryLastUpdate } from "./project-store.ts";

const DAY_MS = 86_400_000;
const AT_ONCE = 10;
/** A tracker that does not answer must not keep the list of projects from its readers. */
const PATIENCE_MS = 10_000;

/**
 * Whole days since a moment, never negative; null where the moment cannot be read.
 * @param moment a timestamp, as rows have it
 * @param now milliseconds since the epoch
 */
export function wholeDaysSince(moment: string | undefined, now: number): number | null {
  const at = Date.parse(moment ?? "");
  return Number.isNaN(at) ? null : Math.max(0, Math.floor((now - at) / DAY_MS));
}

/**
 * How many days ago something in each project's tracker last changed, in the order of the ids: one look a project, at
 * most ten at once. Null where there is no row, no readable time, or no answer. Never throws.
 * @param now milliseconds since the epoch
 */
export async function daysSinceActive(
  projectIds: readonly string[],
  now: number = Date.now(),
): Promise<(number | null)[]> {
  const limit = pLimit(AT_ONCE);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const days = async (projectId: string): Promise<number | null> => {
    try {
      return wholeDaysSince(await queryLastUpdate(projectId, signal), now);
    } catch {
      return null;
    }
  };
  return Promise.all(projectIds.map((projectId) => limit(days, projectId)));
}
