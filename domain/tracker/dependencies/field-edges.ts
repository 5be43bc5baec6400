import type { TransactItem } from "@enceladus/shared/dynamodb";
import { dependenciesOf, idsInBlockedBy, mirrorOutgoing, withoutOutgoing } from "../dependency-mirror.ts";
import { recordsNamed } from "../inverse-relations.ts";
import { type DependencyKind, type Edge, putEdge } from "../link-store.ts";
import { projectsOfIds } from "../projects-of-ids.ts";
import { RECORD_TYPES, RELATED_FIELDS, type RecordType, type TrackerRecord, textList, typeNamedBy } from "../record.ts";
import { idsInDependsOn } from "../relations.ts";
import { acyclic } from "./cycle.ts";
import {
  assertNotTooMany,
  type EdgeChange,
  type EdgeChangeOptions,
  type EdgeRemoval,
  withEdges,
} from "./edge-change.ts";

/** A relation that goes takes six items of a transaction, a blocker that comes three; the rest is for the record itself. */
const RELATIONS_AT_ONCE = 16;
const EDGES_AT_ONCE = 20;

/** An older attribute that says what edges say too. */
interface EdgeField {
  kind: DependencyKind;
  /** The ids that the attribute names. */
  wanted: (record: TrackerRecord) => string[];
  /** The ids at the other ends of the edges that the attribute stands for. */
  current: (record: TrackerRecord) => string[];
}

function targetsOf(record: TrackerRecord, kind: DependencyKind): string[] {
  return dependenciesOf(record).flatMap((known) => (known.kind === kind ? [known.to] : []));
}

function relatedField(type: RecordType): [string, EdgeField] {
  const field = RELATED_FIELDS[type];
  const listed = (record: TrackerRecord) => textList(record[field]);
  return [field, { kind: "related", wanted: listed, current: listed }];
}

const parentOf = ({ parent }: TrackerRecord) => (parent ? [parent] : []);
/** The field names one parent of the record's own type; setting it is about all of these. */
const parents = (record: TrackerRecord) => {
  const ofType = targetsOf(record, "parent").filter((id) => typeNamedBy(id) === record.record_type);
  return [...new Set([...parentOf(record), ...ofType])];
};
const blockers = (record: TrackerRecord) => targetsOf(record, "blocks");

const EDGE_FIELDS: Readonly<Record<string, EdgeField>> = {
  depends_on: { kind: "blocks", wanted: ({ depends_on }) => idsInDependsOn(depends_on), current: blockers },
  blocked_by: { kind: "blocks", wanted: ({ blocked_by }) => idsInBlockedBy(blocked_by), current: blockers },
  parent: { kind: "parent", wanted: parentOf, current: parents },
  ...Object.fromEntries(RECORD_TYPES.map(relatedField)),
};

export function isEdgeField(field: string): boolean {
  return Object.hasOwn(EDGE_FIELDS, field);
}

/** A change of a field and of the edges that it stands for. */
export interface FieldEdgeChange extends EdgeChange {
  /** Whether there were more edges than fit into one transaction: the same update again makes the next ones. */
  isUnfinished: boolean;
}

/** Children name their parent before it exists; the production gate finds them all the same once it does. */
async function rowsWithoutRecord(
  from: TrackerRecord,
  parent: string,
  options: EdgeChangeOptions,
): Promise<TransactItem[]> {
  const { visible } = options.writer;
  const project = (await projectsOfIds([parent], visible))(parent);
  if (visible !== "all" && !project) return [];
  const edge: Edge = { from: from.item_id, to: parent, kind: "parent", from_project: from.project_id };
  return putEdge(edge, options.now);
}

/**
 * What is refused of many edges is refused before any of them is made.
 * @throws DomainError DEPENDENCY_CYCLE, INVALID_INPUT (too many)
 */
async function assertAllFit(
  before: TrackerRecord,
  { kind, dropped, added }: { kind: DependencyKind; dropped: readonly string[]; added: readonly TrackerRecord[] },
  { writer }: EdgeChangeOptions,
): Promise<void> {
  const stays = dependenciesOf(before).filter((known) => known.kind !== kind || !dropped.includes(known.to));
  assertNotTooMany(stays.length + added.length);
  if (kind !== "related") await acyclic(before, added, writer.visible);
}

/**
 * Brings the edges of a record in line with a field that names them. Ids of records that exist, and that the writer may
 * see, become edges; any other text stands in the field without effect.
 * @param before the record as it is
 * @param set the record with the field set
 * @throws DomainError DEPENDENCY_CYCLE, INVALID_INPUT (too many), INTERNAL_ERROR
 */
export async function withFieldEdges(
  before: TrackerRecord,
  set: TrackerRecord,
  field: string,
  options: EdgeChangeOptions,
): Promise<FieldEdgeChange> {
  const { kind, wanted, current } = EDGE_FIELDS[field] as EdgeField;
  const [has, wants] = [current(before), wanted(set)];
  const dropped = has.filter((id) => !wants.includes(id));
  // A parent may be named before it is there: then there is a name, and no edge yet.
  const made = kind === "parent" ? targetsOf(before, kind) : has;
  const named = wants.filter((id) => !made.includes(id) && id !== before.item_id);
  const looked = kind === "related" ? [...dropped, ...named] : named;
  const found = new Map((await recordsNamed(looked, options.writer.visible)).map((record) => [record.item_id, record]));
  const added = named.flatMap((id) => found.get(id) ?? []);

  const atOnce = kind === "related" ? RELATIONS_AT_ONCE : EDGES_AT_ONCE;
  const [goes, goesLater] = [dropped.slice(0, atOnce), dropped.slice(atOnce)];
  const room = atOnce - goes.length;
  const [comes, comesLater] = [added.slice(0, room), added.slice(room)];
  const remove = goes.map((to): EdgeRemoval => ({ kind, to, target: found.get(to) }));
  // What waits for its turn stays as it was: the field never says more than the edges.
  const kept = goesLater.reduce((record, to) => mirrorOutgoing(record, edge(before, kind, to), options.now), set);
  const start = comesLater.reduce((record, { item_id: to }) => withoutOutgoing(record, { kind, to }), kept);
  if (comesLater.length > 0) await assertAllFit(before, { kind, dropped, added }, options);

  const change = await withEdges(start, { add: comes.map((target) => ({ kind, target })), remove }, options);
  const unfound = kind === "parent" ? named.filter((id) => !found.has(id)) : [];
  const rows = await Promise.all(unfound.map((id) => rowsWithoutRecord(before, id, options)));
  return {
    ...change,
    others: [...change.others, ...rows.flat()],
    isUnfinished: goesLater.length + comesLater.length > 0,
  };
}

function edge(from: TrackerRecord, kind: DependencyKind, to: string): Edge {
  return { from: from.item_id, to, kind };
}
