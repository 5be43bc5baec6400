import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord, type Decision, recordNotFound } from "./change-record.ts";
import { withEdges } from "./dependencies/edge-change.ts";
import { hasDependency, isRelated } from "./dependency-mirror.ts";
import type { WantedDependency } from "./import-format.ts";
import { recordsNamed } from "./inverse-relations.ts";
import {
  type AwaitedDependency,
  type Edge,
  itemsNamed,
  pendingEdges,
  putPendingEdge,
  removePendingEdge,
} from "./link-store.ts";
import { addressOf, parseItemId, type RecordAddress, type TrackerRecord, typeNamedBy } from "./record.ts";
import { readRecords } from "./record-store.ts";
import { idsInDependsOn } from "./relations.ts";

export function addressIn(project: Project, itemId: string): RecordAddress {
  const type = typeNamedBy(itemId);
  if (!type) throw new DomainError("INTERNAL_ERROR", "A stored item id has an unknown form.");
  return { projectId: project.project_id, type, itemId };
}

/** Whether a name has the form of an id of the project: of a length, too, that a key can have. */
function isOwnId(project: Project, name: string): boolean {
  const id = parseItemId(name);
  return id?.prefix === project.prefix && /^\d{1,15}$/.test(id.number);
}

/**
 * The records that names stand for: the names from elsewhere, and the ids of the project's own records, as which an
 * export names those that came from nowhere else.
 */
export async function itemsCalled(project: Project, names: readonly string[]): Promise<Map<string, string>> {
  const named = await itemsNamed(project.project_id, names);
  const own = names.filter((name) => !named.has(name) && isOwnId(project, name));
  const records = own.length > 0 ? await readRecords(own.map((name) => addressIn(project, name))) : [];
  return new Map([...named, ...records.map(({ item_id }) => [item_id, item_id] as const)]);
}

/**
 * The record after a change by the import. One on which nothing else has happened since is still what the import made
 * of it, so that an export can tell its last change elsewhere from changes here.
 */
export function asImported(before: TrackerRecord, after: TrackerRecord): TrackerRecord {
  const version = before.sync_version ?? 0;
  return before.imported_version === version ? { ...after, imported_version: version + 1 } : after;
}

/** An edge that waits for its other end, as the record where it starts keeps it. */
type Awaited = AwaitedDependency & Pick<WantedDependency, "aside">;

function awaitedBy(record: TrackerRecord): Awaited[] {
  return Array.isArray(record.awaited_dependencies) ? (record.awaited_dependencies as Awaited[]) : [];
}

function isSame(one: AwaitedDependency, other: AwaitedDependency): boolean {
  return one.external_id === other.external_id && one.kind === other.kind;
}

function without(record: TrackerRecord, arrived: AwaitedDependency): TrackerRecord {
  const left = awaitedBy(record).filter((awaited) => !isSame(awaited, arrived));
  return { ...record, awaited_dependencies: left.length > 0 ? left : undefined };
}

/** Whether an edge is there; a relation is the same from both ends, at whichever of them it was made. */
function isMade(record: TrackerRecord, edge: Edge): boolean {
  return hasDependency(record, edge) || (edge.kind === "related" && isRelated(record, edge.to));
}

/** Whether a record says the same in an older attribute, where names of what is not here stand without effect. */
function isSaid(record: TrackerRecord, { kind, external_id }: WantedDependency): boolean {
  if (kind === "blocks") return idsInDependsOn(record.depends_on).includes(external_id);
  if (kind === "parent") return record.parent === external_id;
  return kind === "related" && isRelated(record, external_id);
}

/** An edge that an import asks for. */
interface WantedEdge {
  edge: Edge;
  /** Whether it leads to a record of another project, which the writer has to be able to see. */
  leadsAbroad?: boolean;
  /** Under which name the edge waited for its other end. */
  arrived?: AwaitedDependency | undefined;
  aside?: true | undefined;
}

/** Edges that start at one record. */
interface Connection {
  project: Project;
  from: string;
  edges: readonly WantedEdge[];
  writer: Writer;
  /** A recent image of the record where the edges start. */
  known?: TrackerRecord;
}

/** Whether an edge leaves the field alone that names a parent. */
function isAside(record: TrackerRecord, { aside, arrived }: WantedEdge): boolean {
  return aside ?? (arrived && awaitedBy(record).find((awaited) => isSame(awaited, arrived)))?.aside ?? false;
}

function isDone(record: TrackerRecord, { edge, arrived }: WantedEdge): boolean {
  const waits = arrived !== undefined && awaitedBy(record).some((awaited) => isSame(awaited, arrived));
  return isMade(record, edge) && !waits;
}

/** The records where edges end, as they are now, in the order of the edges. */
async function endsOf(project: Project, edges: readonly WantedEdge[], writer: Writer): Promise<TrackerRecord[]> {
  const ids = (abroad: boolean) =>
    edges.flatMap(({ edge, leadsAbroad = false }) => (leadsAbroad === abroad ? edge.to : []));
  const [here, abroad] = await Promise.all([
    readRecords(ids(false).map((id) => addressIn(project, id))),
    recordsNamed(ids(true), writer.visible),
  ]);
  const found = new Map([...here, ...abroad].map((record) => [record.item_id, record]));
  return edges.map(({ edge }) => {
    const end = found.get(edge.to);
    if (!end) throw recordNotFound();
    return end;
  });
}

/**
 * Makes edges with their mirrors at both ends as one fact; those that are there already are left alone.
 * @returns the record where the edges start, as it is now
 */
function connect({ project, from, edges, writer, known }: Connection): Promise<TrackerRecord> {
  const decide = async (record: TrackerRecord, now: number): Promise<Decision<TrackerRecord>> => {
    const left = edges.filter((wanted) => !isDone(record, wanted));
    if (left.length === 0) return { nothingToDo: record };
    const ends = await endsOf(project, left, writer);
    const entry = { operation: "imported", reason: left.map(({ edge }) => `${edge.kind} ${edge.to}`).join(", ") };
    const options = { writer, now: timestamp(now), entry, adjust: asImported };
    const add = left.flatMap(({ edge }, index) =>
      isMade(record, edge) ? [] : [{ kind: edge.kind, target: ends[index] as TrackerRecord }],
    );
    const arrived = left.flatMap((wanted) => wanted.arrived ?? []);
    const change = await withEdges(arrived.reduce(without, record), { add, remove: [] }, options);
    const leavesParent = left.every((wanted) => wanted.edge.kind !== "parent" || isAside(record, wanted));
    const parent = leavesParent && record.parent ? { parent: record.parent } : {};
    return {
      ...change,
      after: asImported(record, { ...change.after, ...parent }),
      entry,
      others: [...change.others, ...arrived.map((awaited) => removePendingEdge(project.project_id, awaited, from))],
      result: (written) => written,
    };
  };
  return changeRecord(addressIn(project, from), writer, decide, { known });
}

/** Whether an edge is left out for good, and everything else goes on without it. */
function isLeftOut(error: unknown, { edges }: Connection): error is DomainError {
  if (!(error instanceof DomainError)) return false;
  const mayBeMissing = edges.some(({ leadsAbroad }) => leadsAbroad);
  return error.code === "DEPENDENCY_CYCLE" || (mayBeMissing && error.code === "NOT_FOUND");
}

/**
 * Makes edges but for those by which a record would wait for itself, and for those that lead to another project and
 * there to nothing.
 * @returns the record where the edges start, and what is said of edges that were refused
 */
async function connectWherePossible(
  connection: Connection & { known: TrackerRecord },
): Promise<{ record: TrackerRecord; refused: string[] }> {
  const { project, from, edges, writer, known } = connection;
  try {
    return { record: await connect(connection), refused: [] };
  } catch (error) {
    if (!isLeftOut(error, connection)) throw error;
    const [only, another] = edges;
    if (only && !another) {
      const { edge, arrived } = only;
      const record = arrived ? await stopWaiting(project, from, arrived, writer) : known;
      return { record, refused: [`dependency '${edge.kind}' on ${edge.to} left out: ${error.message}`] };
    }
  }
  // One by one it shows which of them it is.
  let record = known;
  const refused: string[] = [];
  for (const edge of edges) {
    const one = await connectWherePossible({ ...connection, edges: [edge], known: record });
    record = one.record;
    refused.push(...one.refused);
  }
  return { record, refused };
}

/** Few enough for one transaction beside the record and its history entry. */
const AWAITED_AT_ONCE = 90;
/** An edge takes up to five items of a transaction. */
const EDGES_AT_ONCE = 16;

/**
 * Keeps edges whose other end is not here yet, at the record and under the names that they wait for.
 * @returns the record as it is now
 */
async function keepWaiting(
  project: Project,
  record: TrackerRecord,
  missing: readonly Awaited[],
  writer: Writer,
): Promise<TrackerRecord> {
  let latest = record;
  const added = missing.filter((edge) => !awaitedBy(record).some((awaited) => isSame(awaited, edge)));
  for (let start = 0; start < added.length; start += AWAITED_AT_ONCE) {
    const portion = added.slice(start, start + AWAITED_AT_ONCE);
    const decide = (current: TrackerRecord): Decision<TrackerRecord> => {
      const others = awaitedBy(current).filter((awaited) => !portion.some((edge) => isSame(awaited, edge)));
      const names = portion.map(({ external_id }) => external_id);
      return {
        after: asImported(current, { ...current, awaited_dependencies: [...others, ...portion] }),
        entry: { operation: "imported", reason: `waits for ${names.join(", ")}` },
        others: portion.map((edge) => putPendingEdge(project.project_id, edge, record.item_id)),
        result: (written) => written,
      };
    };
    latest = await changeRecord(addressOf(record), writer, decide, { known: latest });
  }
  return latest;
}

/**
 * Makes the edges that an import asks for. One whose other end is not here yet waits under that end's name; whoever
 * comes second, the edge or the record, joins them: the edge is kept first and the name looked up again after.
 * @param record as it is now
 * @param names the records that were found by their names; what is found besides is added
 * @returns whether that changed anything, and what is said of edges that were refused
 */
export async function connectAll(
  project: Project,
  record: TrackerRecord,
  wanted: readonly WantedDependency[],
  writer: Writer,
  names: Map<string, string>,
): Promise<{ connected: boolean; refused: string[] }> {
  const missing = wanted
    .filter((edge) => !edge.in_another_project && !names.has(edge.external_id) && !isSaid(record, edge))
    .map(({ external_id, kind, aside }): Awaited => ({ external_id, kind, ...(aside && { aside }) }));
  let latest = await keepWaiting(project, record, missing, writer);
  if (latest !== record) {
    const since = await itemsCalled(
      project,
      missing.map(({ external_id }) => external_id),
    );
    for (const [name, itemId] of since) names.set(name, itemId);
  }
  const edges = wanted.flatMap((dependency): WantedEdge[] => {
    const leadsAbroad = dependency.in_another_project === true;
    const to = leadsAbroad ? dependency.external_id : names.get(dependency.external_id);
    if (to === undefined || to === record.item_id) return [];
    const { external_id, kind, aside } = dependency;
    const waited = !leadsAbroad && awaitedBy(latest).some((awaited) => isSame(awaited, dependency));
    const arrived = waited ? { external_id, kind } : undefined;
    return [{ edge: { from: record.item_id, to, kind }, leadsAbroad, arrived, aside }];
  });
  const left = edges.filter((edge) => !isDone(latest, edge));
  const refused: string[] = [];
  for (let start = 0; start < left.length; start += EDGES_AT_ONCE) {
    const portion = left.slice(start, start + EDGES_AT_ONCE);
    const outcome = await connectWherePossible({
      project,
      from: record.item_id,
      edges: portion,
      writer,
      known: latest,
    });
    latest = outcome.record;
    refused.push(...outcome.refused);
  }
  return { connected: latest !== record, refused };
}

/** Takes note that an edge does not wait any more, although it was not made. */
function stopWaiting(
  project: Project,
  from: string,
  arrived: AwaitedDependency,
  writer: Writer,
): Promise<TrackerRecord> {
  return changeRecord(addressIn(project, from), writer, (record) => ({
    after: asImported(record, without(record, arrived)),
    entry: { operation: "imported", reason: `no longer waits for ${arrived.external_id}: a cycle` },
    others: [removePendingEdge(project.project_id, arrived, from)],
    result: (written) => written,
  }));
}

/**
 * Joins the edges that waited for a record of this name.
 * @returns what is said of edges that were refused
 */
export async function joinWaiting(project: Project, name: string, itemId: string, writer: Writer): Promise<string[]> {
  const refused: string[] = [];
  for (const { from, kind } of await pendingEdges(project.project_id, name)) {
    const arrived = { external_id: name, kind };
    try {
      await connect({ project, from, edges: [{ edge: { from, to: itemId, kind }, arrived }], writer });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "DEPENDENCY_CYCLE") throw error;
      await stopWaiting(project, from, arrived, writer);
      refused.push(`dependency '${kind}' of ${from} left out: ${error.message}`);
    }
  }
  return refused;
}
