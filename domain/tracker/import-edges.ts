import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord, type Decision, recordNotFound } from "./change-record.ts";
import { withEdges } from "./dependencies/edge-change.ts";
import { hasDependency } from "./dependency-mirror.ts";
import {
  type AwaitedDependency,
  type Edge,
  itemsNamed,
  pendingEdges,
  putPendingEdge,
  removePendingEdge,
} from "./link-store.ts";
import { addressOf, parseItemId, type RecordAddress, type TrackerRecord, typeNamedBy } from "./record.ts";
import { readRecord, readRecords } from "./record-store.ts";

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

function awaitedBy(record: TrackerRecord): AwaitedDependency[] {
  return Array.isArray(record.awaited_dependencies) ? (record.awaited_dependencies as AwaitedDependency[]) : [];
}

function isSame(one: AwaitedDependency, other: AwaitedDependency): boolean {
  return one.external_id === other.external_id && one.kind === other.kind;
}

function without(record: TrackerRecord, arrived: AwaitedDependency | undefined): TrackerRecord {
  const left = awaitedBy(record).filter((awaited) => !arrived || !isSame(awaited, arrived));
  return { ...record, awaited_dependencies: left.length > 0 ? left : undefined };
}

interface Connection {
  project: Project;
  edge: Edge;
  writer: Writer;
  /** Under which name the edge waited for its other end. */
  arrived?: AwaitedDependency | undefined;
  /** A recent image of the record where the edge starts. */
  known?: TrackerRecord;
}

/**
 * Makes an edge with its mirrors at both ends as one fact; an edge that is there already is left alone.
 * @returns the record where the edge starts, as it is now
 */
function connect({ project, edge, writer, arrived, known }: Connection): Promise<TrackerRecord> {
  const decide = async (record: TrackerRecord, now: number): Promise<Decision<TrackerRecord>> => {
    const waits = arrived !== undefined && awaitedBy(record).some((awaited) => isSame(awaited, arrived));
    if (hasDependency(record, edge) && !waits) return { nothingToDo: record };
    const target = await readRecord(addressIn(project, edge.to));
    if (!target) throw recordNotFound();
    const entry = { operation: "imported", reason: `${edge.kind} ${edge.to}` };
    const options = { writer, now: timestamp(now), entry, adjust: asImported };
    const add = hasDependency(record, edge) ? [] : [{ kind: edge.kind, target }];
    const change = await withEdges(without(record, arrived), { add, remove: [] }, options);
    return {
      ...change,
      after: asImported(record, change.after),
      entry,
      others: [...change.others, ...(arrived ? [removePendingEdge(project.project_id, arrived, edge.from)] : [])],
      result: (written) => written,
    };
  };
  return changeRecord(addressIn(project, edge.from), writer, decide, { known });
}

/**
 * Makes an edge, unless a record would wait for itself then.
 * @returns the record where the edge starts, and what is said of an edge that was refused
 */
async function connectUnlessCyclic(
  connection: Connection & { known: TrackerRecord },
): Promise<{ record: TrackerRecord; refused: string[] }> {
  try {
    return { record: await connect(connection), refused: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "DEPENDENCY_CYCLE") throw error;
    const { project, arrived, writer, known } = connection;
    const { from, kind, to } = connection.edge;
    const record = arrived ? await stopWaiting(project, from, arrived, writer) : known;
    return { record, refused: [`dependency '${kind}' on ${to} left out: ${error.message}`] };
  }
}

/** Few enough for one transaction beside the record and its history entry. */
const AWAITED_AT_ONCE = 90;

/**
 * Keeps edges whose other end is not here yet, at the record and under the names that they wait for.
 * @returns the record as it is now
 */
async function keepWaiting(
  project: Project,
  record: TrackerRecord,
  missing: readonly AwaitedDependency[],
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
  wanted: readonly AwaitedDependency[],
  writer: Writer,
  names: Map<string, string>,
): Promise<{ connected: boolean; refused: string[] }> {
  const missing = wanted.filter(({ external_id }) => !names.has(external_id));
  let latest = await keepWaiting(project, record, missing, writer);
  if (latest !== record) {
    const since = await itemsCalled(
      project,
      missing.map(({ external_id }) => external_id),
    );
    for (const [name, itemId] of since) names.set(name, itemId);
  }
  const refused: string[] = [];
  for (const dependency of wanted) {
    const to = names.get(dependency.external_id);
    if (to === undefined) continue;
    const edge: Edge = { from: record.item_id, to, kind: dependency.kind };
    const waited = awaitedBy(latest).some((awaited) => isSame(awaited, dependency));
    if (hasDependency(latest, edge) && !waited) continue;
    const arrived = waited ? dependency : undefined;
    const connection = await connectUnlessCyclic({ project, edge, writer, arrived, known: latest });
    latest = connection.record;
    refused.push(...connection.refused);
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
      await connect({ project, edge: { from, to: itemId, kind }, writer, arrived });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "DEPENDENCY_CYCLE") throw error;
      await stopWaiting(project, from, arrived, writer);
      refused.push(`dependency '${kind}' of ${from} left out: ${error.message}`);
    }
  }
  return refused;
}
