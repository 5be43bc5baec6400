import { DomainError } from "@enceladus/shared/errors";
import { canonicalHash } from "@enceladus/shared/hash";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { createChecked, OtherConditionFailed } from "./create-record.ts";
import { mirrorIncoming, mirrorOutgoing } from "./dependency-mirror.ts";
import {
  IMPORTED_FIELDS,
  type ImportDependency,
  type ImportedAttributes,
  type ImportRecord,
  importedAttributes,
  importedEdges,
} from "./import-format.ts";
import {
  type Edge,
  edgesFrom,
  itemNamed,
  pendingEdges,
  putEdge,
  putExternalName,
  putPendingEdge,
  removePendingEdge,
} from "./link-store.ts";
import { writeLinks } from "./link-writer.ts";
import { type RecordAddress, type TrackerRecord, typeNamedBy } from "./record.ts";
import { readRecord } from "./record-store.ts";
import type { RecordWrite } from "./transaction.ts";

export interface ImportOutcome {
  external_id: string;
  result: "created" | "updated" | "unchanged" | "failed";
  record_id?: string;
  reason?: string;
}

function addressIn(project: Project, itemId: string): RecordAddress {
  const type = typeNamedBy(itemId);
  if (!type) throw new DomainError("INTERNAL_ERROR", "A stored item id has an unknown form.");
  return { projectId: project.project_id, type, itemId };
}

function note(words: string, status: "created" | "worklog" = "worklog") {
  return { status, description: words } as const;
}

/** Creates the record under its name from elsewhere; undefined when somebody else created it in the meantime. */
async function create(
  project: Project,
  input: ImportRecord,
  attributes: ImportedAttributes,
  writer: Writer,
): Promise<string | undefined> {
  const sessionAttributes = {
    active_agent_session: false,
    active_agent_session_id: "",
    active_agent_session_parent: false,
  };
  try {
    const { record } = await createChecked({
      project,
      draft: { type: input.type, attributes: { coordination: false, ...attributes }, related: [], warning: undefined },
      writer,
      entry: {
        operation: "imported",
        note: note(`imported from ${attributes.external_id}: ${attributes.title}`, "created"),
      },
      extra: { created_at: attributes.created_at, ...(input.type === "task" && sessionAttributes) },
      others: (itemId) => [putExternalName(project.project_id, attributes.external_id, itemId)],
    });
    return record.item_id;
  } catch (error) {
    if (error instanceof OtherConditionFailed) return undefined;
    throw error;
  }
}

function withImported(record: TrackerRecord, attributes: ImportedAttributes): TrackerRecord {
  const cleared = Object.fromEntries(IMPORTED_FIELDS.map((field) => [field, undefined]));
  return { ...record, ...cleared, ...attributes };
}

/** Brings a known record to what elsewhere says it is. What people did here besides stays. */
async function update(address: RecordAddress, attributes: ImportedAttributes, writer: Writer): Promise<boolean> {
  return changeRecord<boolean>(address, writer, (record) => {
    const after = withImported(record, attributes);
    const same = IMPORTED_FIELDS.every(
      (field) => canonicalHash(record[field] ?? null) === canonicalHash(after[field] ?? null),
    );
    if (same) return { nothingToDo: false };
    return {
      after,
      entry: { operation: "imported", note: note(`imported again from ${attributes.external_id}`) },
      result: () => true,
    };
  });
}

/** Makes an edge with its mirrors at both ends as one fact; an edge that is there already is left alone. */
async function connect(project: Project, edge: Edge, writer: Writer, waitedAs?: string): Promise<void> {
  await changeRecord<void>(addressIn(project, edge.from), writer, async (record, now) => {
    const target = await readRecord(addressIn(project, edge.to));
    if (!target) return { nothingToDo: undefined };
    const ends: RecordWrite[] = [];
    const mirrored = mirrorIncoming(target, edge);
    if (mirrored !== target) ends.push({ before: target, after: mirrored, entry: { operation: "dependency" } });
    const waiting = waitedAs ? [removePendingEdge(project.project_id, waitedAs, edge.from, edge.kind)] : [];
    return {
      after: mirrorOutgoing(record, edge),
      entry: { operation: "dependency", reason: `imported: ${edge.kind} ${edge.to}` },
      alongside: ends,
      others: [...putEdge(edge, timestamp(now)), ...waiting],
      result: () => undefined,
    };
  });
}

/**
 * Makes the edges that an import asks for. One whose other end is not here yet waits under that end's name; whoever
 * comes second, the edge or the record, joins them: the edge is kept first and the name looked up again after.
 * @returns how many were made
 */
async function connectAll(
  project: Project,
  from: string,
  wanted: readonly ImportDependency[],
  writer: Writer,
): Promise<number> {
  if (wanted.length === 0) return 0;
  const known = new Set((await edgesFrom(from)).map(({ kind, to }) => `${kind}#${to}`));
  let made = 0;
  for (const { external_id, kind } of wanted) {
    let to = await itemNamed(project.project_id, external_id);
    let waitedAs: string | undefined;
    if (to === undefined) {
      await writeLinks([putPendingEdge(project.project_id, external_id, from, kind)]);
      to = await itemNamed(project.project_id, external_id);
      waitedAs = external_id;
    }
    if (to === undefined || known.has(`${kind}#${to}`)) continue;
    await connect(project, { from, to, kind }, writer, waitedAs);
    made += 1;
  }
  return made;
}

/** Joins the edges that waited for a record of this name. */
async function joinWaiting(project: Project, externalId: string, itemId: string, writer: Writer): Promise<void> {
  for (const { from, kind } of await pendingEdges(project.project_id, externalId)) {
    await connect(project, { from, to: itemId, kind }, writer, externalId);
  }
}

async function importOne(project: Project, input: ImportRecord, writer: Writer): Promise<ImportOutcome> {
  const attributes = importedAttributes(input);
  const edges = importedEdges(input);
  const { external_id } = attributes;
  const known = await itemNamed(project.project_id, external_id);
  const created = known === undefined ? await create(project, input, attributes, writer) : undefined;
  const itemId = created ?? known ?? (await itemNamed(project.project_id, external_id));
  if (itemId === undefined) throw new DomainError("CONFLICT", "The record is being imported by somebody else.");
  const address = addressIn(project, itemId);
  if (address.type !== input.type) {
    return {
      external_id,
      result: "failed",
      record_id: itemId,
      reason: `it is a ${address.type} here, not a ${input.type}`,
    };
  }
  const changed = created === undefined ? await update(address, attributes, writer) : false;
  const connected = await connectAll(project, itemId, edges, writer);
  await joinWaiting(project, external_id, itemId, writer);
  if (created !== undefined) return { external_id, result: "created", record_id: itemId };
  return { external_id, result: changed || connected > 0 ? "updated" : "unchanged", record_id: itemId };
}

/**
 * Brings issues in from elsewhere: each is created, or updated where its `external_id` is known in the project. One
 * that cannot be taken over says why and stops none of the others. Importing the same again changes nothing.
 * @throws DomainError INTERNAL_ERROR when the store fails; what was imported before that stays, and a repetition
 *   goes on from there
 */
export async function importRecords(
  project: Project,
  inputs: readonly ImportRecord[],
  writer: Writer,
): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  for (const input of inputs) {
    try {
      outcomes.push(await importOne(project, input, writer));
    } catch (error) {
      const refused =
        error instanceof DomainError && error.code !== "INTERNAL_ERROR" && error.code !== "CONFIGURATION_ERROR";
      if (!refused) throw error;
      outcomes.push({ external_id: input.external_id, result: "failed", reason: error.message });
    }
  }
  return outcomes;
}
