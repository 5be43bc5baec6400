import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { hasDependency, mirrorIncoming, mirrorOutgoing } from "./dependency-mirror.ts";
import {
  type AwaitedDependency,
  type Edge,
  itemsNamed,
  pendingEdges,
  putEdge,
  putPendingEdge,
  removePendingEdge,
} from "./link-store.ts";
import { addressOf, parseItemId, type RecordAddress, type TrackerRecord, typeNamedBy } from "./record.ts";
import { readRecord, readRecords } from "./record-store.ts";
import type { RecordWrite } from "./transaction.ts";

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

/**
 * Makes an edge with its mirrors at both ends as one fact; an edge that is there already is left alone.
 * @param arrived under which name the edge waited for its other end
 */
async function connect(project: Project, edge: Edge, writer: Writer, arrived?: AwaitedDependency): Promise<void> {
  await changeRecord<void>(addressIn(project, edge.from), writer, async (record, now) => {
    const waits = arrived !== undefined && awaitedBy(record).some((awaited) => isSame(awaited, arrived));
    if (hasDependency(record, edge) && !waits) return { nothingToDo: undefined };
    const target = edge.kind === "related" ? await readRecord(addressIn(project, edge.to)) : undefined;
    const entry = { operation: "imported", reason: `${edge.kind} ${edge.to}` };
    const ends: RecordWrite[] = [];
    if (target) {
      const mirrored = mirrorIncoming(target, edge);
      if (mirrored !== target) ends.push({ before: target, after: asImported(target, mirrored), entry });
    }
    return {
      after: asImported(record, mirrorOutgoing(without(record, arrived), edge)),
      entry,
      alongside: ends,
      others: [
        ...putEdge(edge, timestamp(now)),
        ...(arrived ? [removePendingEdge(project.project_id, arrived, edge.from)] : []),
      ],
      result: () => undefined,
    };
  });
}

/** Few enough for one transaction beside the record and its history entry. */
const AWAITED_AT_ONCE = 90;

/** Keeps edges whose other end is not here yet, at the record and under the names that they wait for. */
async function keepWaiting(
  project: Project,
  record: TrackerRecord,
  missing: readonly AwaitedDependency[],
  writer: Writer,
): Promise<boolean> {
  const known = awaitedBy(record);
  const added = missing.filter((edge) => !known.some((awaited) => isSame(awaited, edge)));
  for (let start = 0; start < added.length; start += AWAITED_AT_ONCE) {
    const portion = added.slice(start, start + AWAITED_AT_ONCE);
    await changeRecord<void>(addressOf(record), writer, (current) => {
      const others = awaitedBy(current).filter((awaited) => !portion.some((edge) => isSame(awaited, edge)));
      return {
        after: asImported(current, { ...current, awaited_dependencies: [...others, ...portion] }),
        entry: {
          operation: "imported",
          reason: `waits for ${portion.map(({ external_id }) => external_id).join(", ")}`,
        },
        others: portion.map((edge) => putPendingEdge(project.project_id, edge, record.item_id)),
        result: () => undefined,
      };
    });
  }
  return added.length > 0;
}

/**
 * Makes the edges that an import asks for. One whose other end is not here yet waits under that end's name; whoever
 * comes second, the edge or the record, joins them: the edge is kept first and the name looked up again after.
 * @param record as it is now
 * @returns whether that changed anything
 */
export async function connectAll(
  project: Project,
  record: TrackerRecord,
  wanted: readonly AwaitedDependency[],
  writer: Writer,
): Promise<boolean> {
  if (wanted.length === 0) return false;
  const here = await itemsCalled(
    project,
    wanted.map(({ external_id }) => external_id),
  );
  const missing = wanted.filter(({ external_id }) => !here.has(external_id));
  const kept = await keepWaiting(project, record, missing, writer);
  const since = kept
    ? await itemsCalled(
        project,
        missing.map(({ external_id }) => external_id),
      )
    : new Map();
  let made = 0;
  for (const dependency of wanted) {
    const to: string | undefined = here.get(dependency.external_id) ?? since.get(dependency.external_id);
    if (to === undefined) continue;
    const edge: Edge = { from: record.item_id, to, kind: dependency.kind };
    const waited = since.has(dependency.external_id) || awaitedBy(record).some((one) => isSame(one, dependency));
    if (hasDependency(record, edge) && !waited) continue;
    await connect(project, edge, writer, waited ? dependency : undefined);
    made += 1;
  }
  return kept || made > 0;
}

/** Joins the edges that waited for a record of this name. */
export async function joinWaiting(project: Project, name: string, itemId: string, writer: Writer): Promise<void> {
  for (const { from, kind } of await pendingEdges(project.project_id, name)) {
    await connect(project, { from, to: itemId, kind }, writer, { external_id: name, kind });
  }
}
