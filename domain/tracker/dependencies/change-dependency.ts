import { invalidInput, notFound } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import { type Writer, writerSuffix } from "../attribution.ts";
import { type Change, changeRecord, recordNotFound } from "../change-record.ts";
import { dependencyOf, isRelated } from "../dependency-mirror.ts";
import { assertNotLocked } from "../lease.ts";
import type { DependencyKind } from "../link-store.ts";
import { projectsOfIds } from "../projects-of-ids.ts";
import { parseItemId, type Target, type TrackerRecord } from "../record.ts";
import { readRecord } from "../record-store.ts";
import { versionOf } from "../record-version.ts";
import { type EdgeChanges, withEdges } from "./edge-change.ts";

/** An edge as answers tell it. */
export interface DependencyView {
  from: string;
  to: string;
  kind: DependencyKind;
  created_at: string;
}

export interface ChangedDependency {
  dependency: DependencyView;
  /** Whether it was not there before. */
  isNew: boolean;
  version: number;
}

/** @throws DomainError NOT_FOUND, for a record that the writer may not see just as for one that does not exist */
async function otherRecord(itemId: string, { visible }: Writer): Promise<TrackerRecord> {
  const type = parseItemId(itemId)?.type;
  const project = type && (await projectsOfIds([itemId], visible))(itemId);
  const record = type && project && (await readRecord({ projectId: project.project_id, type, itemId }));
  if (!record) throw recordNotFound();
  return record;
}

/** The edge between two records, if there is one. A relation is the same from both ends, wherever it was made. */
function known(record: TrackerRecord, other: TrackerRecord, kind: DependencyKind): { created_at: string } | undefined {
  const made = dependencyOf(record, { to: other.item_id, kind });
  if (made || kind !== "related") return made && { created_at: made.created_at ?? record.created_at ?? "" };
  if (!isRelated(record, other.item_id)) return undefined;
  const fromTheOtherEnd = dependencyOf(other, { to: record.item_id, kind });
  return { created_at: fromTheOtherEnd?.created_at ?? record.created_at ?? "" };
}

async function changed(
  record: TrackerRecord,
  edges: EdgeChanges,
  words: string,
  writer: Writer,
  now: string,
): Promise<Omit<Change<unknown>, "result">> {
  const description = `${words}${writerSuffix(writer)}`;
  const change = await withEdges(record, edges, { writer, now });
  return { ...change, entry: { operation: "dependency", note: { status: "worklog", description } } };
}

/**
 * Makes a record depend on another one; making it again is the same dependency.
 * @throws DomainError INVALID_INPUT (itself, too many), NOT_FOUND (either of them), CONFLICT (held by somebody else),
 *   DEPENDENCY_CYCLE
 */
export function putDependency(
  target: Target,
  otherId: string,
  kind: DependencyKind,
  writer: Writer,
): Promise<ChangedDependency> {
  if (otherId === target.itemId) throw invalidInput("A record cannot depend on itself.");
  return changeRecord<ChangedDependency>(target, writer, async (record, at) => {
    assertNotLocked(record, writer, at, target.preconditions?.fence);
    const other = await otherRecord(otherId, writer);
    const view = (created_at: string) => ({ from: record.item_id, to: other.item_id, kind, created_at });
    const before = known(record, other, kind);
    if (before) {
      return { nothingToDo: { dependency: view(before.created_at), isNew: false, version: versionOf(record) } };
    }
    const now = timestamp(at);
    const edges = { add: [{ kind, target: other }], remove: [] };
    return {
      ...(await changed(record, edges, `Dependency '${kind}' on ${other.item_id} added`, writer, now)),
      result: (written) => ({ dependency: view(now), isNew: true, version: versionOf(written) }),
    };
  });
}

/**
 * Takes a dependency of a record away.
 * @throws DomainError NOT_FOUND (either record, or the dependency), CONFLICT (held by somebody else)
 */
export function removeDependency(
  target: Target,
  otherId: string,
  kind: DependencyKind,
  writer: Writer,
): Promise<ChangedDependency> {
  return changeRecord<ChangedDependency>(target, writer, async (record, at) => {
    assertNotLocked(record, writer, at, target.preconditions?.fence);
    const other = await otherRecord(otherId, writer);
    const before = known(record, other, kind);
    if (!before) throw notFound(`${record.item_id} has no dependency of kind '${kind}' on ${other.item_id}.`);
    const edges = { add: [], remove: [{ kind, to: other.item_id, target: other }] };
    const words = `Dependency '${kind}' on ${other.item_id} removed`;
    return {
      ...(await changed(record, edges, words, writer, timestamp(at))),
      result: (written) => ({
        dependency: { from: record.item_id, to: other.item_id, kind, created_at: before.created_at },
        isNew: false,
        version: versionOf(written),
      }),
    };
  });
}
