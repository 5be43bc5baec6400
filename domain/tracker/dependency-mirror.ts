import type { DependencyKind, Edge } from "./link-store.ts";
import { RELATED_FIELDS, type TrackerRecord, textList, typeNamedBy } from "./record.ts";
import { groupedByType, idsInDependsOn } from "./relations.ts";

function added(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? [...ids] : [...ids, id];
}

function related(record: TrackerRecord, id: string): TrackerRecord {
  const type = typeNamedBy(id);
  if (!type) return record;
  const field = RELATED_FIELDS[type];
  return { ...record, [field]: added(textList(record[field]), id) };
}

/** An edge as the record where it starts shows it. */
export interface Dependency {
  to: string;
  kind: DependencyKind;
}

/** The edges that start at a record, as the record itself shows them. */
export function dependenciesOf(record: TrackerRecord): Dependency[] {
  return Array.isArray(record.dependencies) ? (record.dependencies as Dependency[]) : [];
}

export function hasDependency(record: TrackerRecord, { to, kind }: Dependency): boolean {
  return dependenciesOf(record).some((known) => known.to === to && known.kind === kind);
}

/**
 * The record where an edge starts: `dependencies` names every edge, and older attributes say the same as far as they
 * can: `depends_on` for a blocker, `parent` for a parent of the same type, the relation lists for a relation.
 */
export function mirrorOutgoing(record: TrackerRecord, edge: Edge): TrackerRecord {
  const { to, kind } = edge;
  if (hasDependency(record, edge)) return mirrorInOlderAttributes(record, edge);
  return mirrorInOlderAttributes({ ...record, dependencies: [...dependenciesOf(record), { to, kind }] }, edge);
}

function mirrorInOlderAttributes(record: TrackerRecord, { to, kind }: Edge): TrackerRecord {
  if (kind === "blocks") return { ...record, depends_on: groupedByType(added(idsInDependsOn(record.depends_on), to)) };
  if (kind === "parent") return typeNamedBy(to) === record.record_type ? { ...record, parent: to } : record;
  return kind === "related" ? related(record, to) : record;
}

/** The record where an edge ends: a relation is told at both ends, everything else at its start only. */
export function mirrorIncoming(record: TrackerRecord, { from, kind }: Edge): TrackerRecord {
  return kind === "related" ? related(record, from) : record;
}
