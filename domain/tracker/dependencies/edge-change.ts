import type { TransactItem } from "@enceladus/shared/dynamodb";
import { invalidInput } from "@enceladus/shared/errors";
import type { Writer } from "../attribution.ts";
import { dependenciesOf, mirrorIncoming, mirrorOutgoing, withoutOutgoing } from "../dependency-mirror.ts";
import type { EntryDraft } from "../history.ts";
import { type DependencyKind, type Edge, putEdge, removeEdge } from "../link-store.ts";
import type { TrackerRecord } from "../record.ts";
import type { RecordWrite, SideWrite } from "../transaction.ts";
import { informed } from "./consequences.ts";
import { acyclic } from "./cycle.ts";
import { withMember } from "./images.ts";

export const MAX_DEPENDENCIES = 100;

/** An edge to be made, and the record where it ends as it was read. */
export interface EdgeAddition {
  kind: DependencyKind;
  target: TrackerRecord;
}

/** An edge to be taken away; the record where it ends is there for relations, which show at both ends. */
export interface EdgeRemoval {
  kind: DependencyKind;
  to: string;
  target: TrackerRecord | undefined;
}

export interface EdgeChanges {
  add: readonly EdgeAddition[];
  remove: readonly EdgeRemoval[];
}

/** What belongs to a change of the edges that start at a record. */
export interface EdgeChange {
  after: TrackerRecord;
  alongside: RecordWrite[];
  sides: SideWrite[];
  others: TransactItem[];
}

export interface EdgeChangeOptions {
  writer: Writer;
  now: string;
  /** What the history of the other end of a relation says. */
  entry?: EntryDraft;
  /** The other end of a relation, as it is to be written. */
  adjust?: (before: TrackerRecord, after: TrackerRecord) => TrackerRecord;
}

const RELATION: EntryDraft = { operation: "relation" };

function edgeBetween(record: TrackerRecord, kind: DependencyKind, target: TrackerRecord): Edge {
  return {
    from: record.item_id,
    to: target.item_id,
    kind,
    from_project: record.project_id,
    to_project: target.project_id,
  };
}

/** The record without what an edge made of it. */
function forgetful(record: TrackerRecord, { kind, to }: Pick<EdgeRemoval, "kind" | "to">): TrackerRecord {
  const rest = withoutOutgoing(record, { kind, to });
  if (kind === "blocks") return withMember(rest, "open_blockers", to, false);
  return kind === "parent" ? withMember(rest, "blocked_parents", to, false) : rest;
}

/** @throws DomainError INVALID_INPUT */
export function assertNotTooMany(dependencies: number): void {
  if (dependencies > MAX_DEPENDENCIES) {
    throw invalidInput(`A record has at most ${MAX_DEPENDENCIES} dependencies.`);
  }
}

/**
 * Makes and takes away edges that start at a record: the mirrors at both ends, what the record has to know of its
 * blockers, and the rows of the edges, all for one transaction. A record where an edge of kind `blocks` or `parent` ends
 * is written too, unchanged: whoever closes it at the same time finds a newer row and looks at its dependants again.
 * @param record as it is to be written but for its edges
 * @throws DomainError DEPENDENCY_CYCLE, INVALID_INPUT (too many)
 */
export async function withEdges(
  record: TrackerRecord,
  { add, remove }: EdgeChanges,
  { writer, now, entry = RELATION, adjust = (_, after) => after }: EdgeChangeOptions,
): Promise<EdgeChange> {
  const waiting = add.filter(({ kind }) => kind === "blocks" || kind === "parent");
  const counted = await acyclic(
    record,
    waiting.map(({ target }) => target),
    writer.visible,
  );
  let after = record;
  const ends: { before: TrackerRecord; after: TrackerRecord }[] = [];
  const others: TransactItem[] = [...counted];
  for (const removal of remove) {
    after = forgetful(after, removal);
    const { kind, to, target } = removal;
    const edge: Edge = { from: record.item_id, to, kind };
    others.push(...removeEdge(edge));
    if (kind !== "related") continue;
    // A relation is the same from both ends, at whichever of them it was made.
    others.push(...removeEdge({ from: to, to: record.item_id, kind }));
    if (target) ends.push({ before: target, after: withoutOutgoing(target, { to: record.item_id, kind }) });
  }
  for (const { kind, target } of add) {
    const edge = edgeBetween(record, kind, target);
    after = informed(mirrorOutgoing(after, edge, now), edge, target);
    others.push(...putEdge(edge, now));
    if (kind === "related") ends.push({ before: target, after: mirrorIncoming(target, edge) });
  }
  if (add.length > 0) assertNotTooMany(dependenciesOf(after).length);
  // A record may be at the end of several edges, and stands once in a transaction.
  const waitedFor = new Map(waiting.map(({ target }) => [target.item_id, target]));
  const alongside = ends
    .filter((end) => end.before !== end.after)
    .map((end) => {
      const known = waitedFor.delete(end.before.item_id) ? { ...end.after, has_dependants: true } : end.after;
      return { before: end.before, after: adjust(end.before, known), entry };
    });
  const sides = [...waitedFor.values()].map((target) => ({
    before: target,
    after: { ...target, has_dependants: true },
  }));
  return { after, alongside, sides, others };
}
