import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError, invalidInput } from "@enceladus/shared/errors";
import pLimit from "p-limit";
import { dependenciesOf } from "../dependency-mirror.ts";
import { type Edge, edgesFrom, graphEpoch, nextEpoch } from "../link-store.ts";
import type { TrackerRecord } from "../record.ts";

/** Kinds along which waiting travels: a record waits for its blockers, and for those of its parents. */
const WAITING = ["blocks", "parent"];
const READS_AT_ONCE = 16;
/** Nobody understands what waits for that many records; and looking at more would take too long. */
const MOST_RECORDS = 10_000;
const ELSEWHERE = "(another project)";

interface Step {
  id: string;
  project: string | undefined;
  cameFrom: Step | undefined;
}

function pathTo(last: Step): Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step; step = step.cameFrom) steps.unshift(step);
  return steps;
}

async function waitedFor(id: string): Promise<Edge[]> {
  return (await edgesFrom(id)).filter(({ kind }) => WAITING.includes(kind));
}

/** How a record already waits for another one, breadth first, so by the shortest way; undefined when it does not. */
async function wayBetween(from: TrackerRecord, to: TrackerRecord): Promise<Step[] | undefined> {
  const limit = pLimit(READS_AT_ONCE);
  const seen = new Set([from.item_id]);
  let level: Step[] = [{ id: from.item_id, project: from.project_id, cameFrom: undefined }];
  while (level.length > 0) {
    const edges = await Promise.all(level.map(({ id }) => limit(waitedFor, id)));
    const next: Step[] = [];
    for (const [index, cameFrom] of level.entries()) {
      for (const { to: id, to_project: project } of edges[index] ?? []) {
        if (id === to.item_id) return pathTo({ id, project, cameFrom });
        if (!seen.has(id)) next.push({ id, project, cameFrom });
        seen.add(id);
      }
    }
    if (seen.size > MOST_RECORDS) {
      throw invalidInput(`More than ${MOST_RECORDS} records are waited for: this dependency cannot be checked.`);
    }
    level = next;
  }
  return undefined;
}

/** Whether a record waits for anything, as far as its own image tells. */
function waits(record: TrackerRecord): boolean {
  return Boolean(record.parent) || dependenciesOf(record).some(({ kind }) => WAITING.includes(kind));
}

/**
 * Refuses an edge of kind `blocks` or `parent` that would make a record wait for itself. An edge from a record on which
 * nothing depends, or to one that waits for nothing, cannot close a cycle; its transaction holds only while that is so.
 * Any other edge is counted, so that of two that were judged side by side one is judged again.
 * @param visible records of other projects are not named in the refusal
 * @returns what belongs into the transaction of the edge
 * @throws DomainError DEPENDENCY_CYCLE with the `path` from the record back to itself
 */
export async function acyclic(
  record: TrackerRecord,
  targets: readonly TrackerRecord[],
  visible: VisibleProjects,
): Promise<TransactItem[]> {
  const doubtful = record.has_dependants ? targets.filter(waits) : [];
  if (doubtful.length === 0) return [];
  const epoch = await graphEpoch();
  for (const target of doubtful) {
    const way = await wayBetween(target, record);
    if (!way) continue;
    const named = ({ id, project }: Step) => (project === undefined || isVisible(visible, project) ? id : ELSEWHERE);
    const path = [record.item_id, ...way.map(named)];
    throw new DomainError("DEPENDENCY_CYCLE", `${record.item_id} would wait for itself: ${path.join(" -> ")}.`, {
      path,
      next_action: "Leave this dependency out, or take away another one on the path first.",
    });
  }
  return [nextEpoch(epoch)];
}
