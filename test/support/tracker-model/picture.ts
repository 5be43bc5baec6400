import { isOver, isShipped, type ModelType } from "./lifecycle.ts";

export type WaitingKind = "blocks" | "parent";
export type EdgeKind = WaitingKind | "discovered_from";

export interface ModelEdge {
  kind: EdgeKind;
  to: string;
}

/** Who was granted a record last and has not given it back; it is theirs until the end of the lease. */
export interface Session {
  holder: string;
  leaseId: string;
  /** Milliseconds since the epoch, as all times here. */
  endsAt: number;
  beatAt: number | undefined;
}

export interface ModelRecord {
  id: string;
  type: ModelType;
  createdAt: string;
  title: string;
  priority: string;
  status: string;
  /** Committed changes. */
  version: number;
  /** Those of them that left a note in the old shape. */
  notes: number;
  /** The newest fence. */
  fence: number;
  session: Session | undefined;
  /** The edges that start here but for relations, in the order in which they were made. */
  edges: readonly ModelEdge[];
  /** The parent that the older attribute names. */
  parent: string;
  related: readonly string[];
  /** Of a feature: which criteria are accepted. */
  accepted: readonly boolean[];
  /** What people have left for the next agent. */
  pending: string;
}

/** What a small project is like at a moment. */
export interface Picture {
  project: string;
  prefix: string;
  now: number;
  records: ReadonlyMap<string, ModelRecord>;
}

export function isLive({ session }: ModelRecord, now: number): boolean {
  return session !== undefined && session.endsAt > now;
}

function endsOf(record: ModelRecord | undefined, kind: EdgeKind): string[] {
  return record?.edges.filter((edge) => edge.kind === kind).map(({ to }) => to) ?? [];
}

/** The open records that a record itself waits for. */
export function openBlockers({ records }: Picture, id: string): string[] {
  return endsOf(records.get(id), "blocks")
    .filter((to) => !isOver(records.get(to)?.status ?? "closed"))
    .sort();
}

/** The record and everything above it. */
function withAncestors({ records }: Picture, id: string): string[] {
  const found = [id];
  for (const one of found) found.push(...endsOf(records.get(one), "parent").filter((to) => !found.includes(to)));
  return found;
}

/** Everything that must close before work on a record makes sense, be it through a parent. */
export function allBlockers(picture: Picture, id: string): string[] {
  return [...new Set(withAncestors(picture, id).flatMap((one) => openBlockers(picture, one)))].sort();
}

export function isBlocked(picture: Picture, id: string): boolean {
  return allBlockers(picture, id).length > 0;
}

export function blockedParents(picture: Picture, id: string): string[] {
  return endsOf(picture.records.get(id), "parent")
    .filter((to) => isBlocked(picture, to))
    .sort();
}

/** Whether one record waits for another one, by whatever way. */
export function waitsFor({ records }: Picture, from: string, to: string): boolean {
  const found = [from];
  for (const one of found) {
    const next = [...endsOf(records.get(one), "blocks"), ...endsOf(records.get(one), "parent")];
    found.push(...next.filter((other) => !found.includes(other)));
  }
  return found.slice(1).includes(to) || from === to;
}

/** Whether all tasks of a feature, and all below them, are shipped; undefined when it has none. */
export function tasksAreShipped({ records }: Picture, feature: ModelRecord): boolean | undefined {
  const found = feature.related.filter((id) => id.includes("-TSK-"));
  if (found.length === 0) return undefined;
  for (const one of found) {
    const children = [...records.values()].filter(
      (child) => child.type === "task" && endsOf(child, "parent").includes(one),
    );
    found.push(...children.map(({ id }) => id).filter((id) => !found.includes(id)));
  }
  return found.every((id) => isShipped(records.get(id)?.status ?? ""));
}

const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"];

function rank({ priority, createdAt, id }: ModelRecord): string {
  const place = PRIORITIES.includes(priority) ? PRIORITIES.indexOf(priority) : PRIORITIES.length;
  return [place, createdAt, id.split("-")[2]?.padStart(6, "0"), id].join(" ");
}

/** What can be claimed, best first. */
export function readyRecords(picture: Picture, types: readonly ModelType[]): ModelRecord[] {
  return [...picture.records.values()]
    .filter((record) => types.includes(record.type) && !isOver(record.status) && !isLive(record, picture.now))
    .filter(({ id }) => !isBlocked(picture, id))
    .sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** The picture with other values in one record. */
export function withRecord(picture: Picture, id: string, fields: Partial<ModelRecord>): Picture {
  const record = picture.records.get(id);
  if (!record) throw new Error(`the model has no ${id}`);
  return { ...picture, records: new Map(picture.records).set(id, { ...record, ...fields }) };
}

/** The picture after a change of one record, which is counted. */
export function changed(picture: Picture, id: string, fields: Partial<ModelRecord>, leavesNote = true): Picture {
  const { version = 0, notes = 0 } = picture.records.get(id) ?? {};
  return withRecord(picture, id, { ...fields, version: version + 1, notes: notes + (leavesNote ? 1 : 0) });
}
