import type { DependencyKind, Edge } from "./link-store.ts";
import { RELATED_FIELDS, type TrackerRecord, textList, typeNamedBy } from "./record.ts";
import { groupedByType, idsInDependsOn } from "./relations.ts";

function added(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? [...ids] : [...ids, id];
}

function removed(ids: readonly string[], id: string): string[] {
  return ids.filter((other) => other !== id);
}

type ListChange = typeof added;

function related(record: TrackerRecord, id: string, change: ListChange): TrackerRecord {
  const type = typeNamedBy(id);
  if (!type) return record;
  const field = RELATED_FIELDS[type];
  const ids = textList(record[field]);
  const next = change(ids, id);
  return next.length === ids.length ? record : { ...record, [field]: next };
}

/** A record as far as edges are looked for in it. */
type Attributes = Readonly<Record<string, unknown>>;

/** An edge as the record where it starts shows it. */
export interface Dependency {
  to: string;
  kind: DependencyKind;
  created_at?: string;
}

/** The edges that start at a record, as the record itself shows them. */
export function dependenciesOf(record: Attributes): Dependency[] {
  return Array.isArray(record.dependencies) ? (record.dependencies as Dependency[]) : [];
}

/** The edge of a record to another one, as the record shows it. */
export function dependencyOf(record: TrackerRecord, { to, kind }: Pick<Dependency, "to" | "kind">) {
  return dependenciesOf(record).find((known) => known.to === to && known.kind === kind);
}

export function hasDependency(record: TrackerRecord, dependency: Dependency): boolean {
  return dependencyOf(record, dependency) !== undefined;
}

/** Whether a record names another one as related; relations of older records stand in their lists only. */
export function isRelated(record: TrackerRecord, itemId: string): boolean {
  const type = typeNamedBy(itemId);
  return type !== undefined && textList(record[RELATED_FIELDS[type]]).includes(itemId);
}

/** Ids that stand somewhere in a text of people. */
const IDS_IN_TEXT = /[A-Z]{1,10}-(?:TSK|ISS|FTR)-\d{1,15}/g;

/** The ids that `blocked_by` names, among whatever else it says. */
export function idsInBlockedBy(value: unknown): string[] {
  return typeof value === "string" ? [...new Set(value.toUpperCase().match(IDS_IN_TEXT) ?? [])] : [];
}

function blockedByWith(value: unknown, id: string): string {
  const text = typeof value === "string" ? value : "";
  if (idsInBlockedBy(text).includes(id)) return text;
  return text.trim() === "" ? id : `${text}, ${id}`;
}

/** What people have written round ids stays; an id that stands for itself goes. */
function blockedByWithout(value: unknown, ids: readonly string[]): unknown {
  if (typeof value !== "string") return value;
  const parts = value.split(",").map((part) => part.trim());
  const others = parts.filter((part) => !ids.includes(part.toUpperCase()));
  return others.length === parts.length ? value : others.join(", ");
}

function blockersOf(record: Attributes): string[] {
  return dependenciesOf(record).flatMap(({ to, kind }) => (kind === "blocks" ? [to] : []));
}

/** What `blocked_by` says beside the edges: the words of people. */
export function wordsInBlockedBy(record: Attributes): string {
  const words = blockedByWithout(record.blocked_by, blockersOf(record));
  return typeof words === "string" ? words : "";
}

/** The value of `blocked_by` with other words of people, and the ids of the edges as they are. */
export function blockedByInWords(record: TrackerRecord, words: string): unknown {
  if (wordsInBlockedBy(record) === words) return record.blocked_by;
  return blockersOf(record).reduce(blockedByWith, words);
}

/**
 * The record where an edge starts: `dependencies` names every edge, and older attributes say the same as far as they
 * can: `depends_on` and `blocked_by` for a blocker, `parent` for a parent of the same type, the relation lists for a
 * relation.
 * @param now when the edge is made, `YYYY-MM-DDTHH:MM:SSZ`
 */
export function mirrorOutgoing(record: TrackerRecord, edge: Edge, now: string): TrackerRecord {
  const { to, kind } = edge;
  if (hasDependency(record, edge)) return mirrorInOlderAttributes(record, edge);
  const dependencies = [...dependenciesOf(record), { to, kind, created_at: now }];
  return mirrorInOlderAttributes({ ...record, dependencies }, edge);
}

function mirrorInOlderAttributes(record: TrackerRecord, { to, kind }: Edge): TrackerRecord {
  if (kind === "blocks") {
    const depends_on = groupedByType(added(idsInDependsOn(record.depends_on), to));
    return { ...record, depends_on, blocked_by: blockedByWith(record.blocked_by, to) };
  }
  if (kind === "parent") return typeNamedBy(to) === record.record_type ? { ...record, parent: to } : record;
  return kind === "related" ? related(record, to, added) : record;
}

/** The record where an edge started, without it. Of several parents of the same type the field names another one. */
export function withoutOutgoing(record: TrackerRecord, { to, kind }: Pick<Dependency, "to" | "kind">): TrackerRecord {
  const left = dependenciesOf(record).filter((known) => known.to !== to || known.kind !== kind);
  const known = left.length < dependenciesOf(record).length;
  const rest = known ? { ...record, dependencies: left.length > 0 ? left : undefined } : record;
  if (kind === "blocks") {
    const depends_on = groupedByType(removed(idsInDependsOn(record.depends_on), to));
    return { ...rest, depends_on, blocked_by: blockedByWithout(record.blocked_by, [to]) };
  }
  if (kind === "parent") {
    if (record.parent !== to) return rest;
    const others = left.filter((known) => known.kind === "parent" && typeNamedBy(known.to) === record.record_type);
    return { ...rest, parent: others.at(-1)?.to ?? "" };
  }
  return kind === "related" ? related(rest, to, removed) : rest;
}

/** The record where an edge ends: a relation is told at both ends, everything else at its start only. */
export function mirrorIncoming(record: TrackerRecord, { from, kind }: Edge): TrackerRecord {
  return kind === "related" ? related(record, from, added) : record;
}
