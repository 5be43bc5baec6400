import { DomainError } from "@enceladus/shared/errors";
import { canonicalHash } from "@enceladus/shared/hash";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord, type Decision } from "./change-record.ts";
import { createChecked, OtherConditionFailed } from "./create-record.ts";
import { furtherChanges } from "./import-attributes.ts";
import { addressIn, connectAll, itemsCalled, joinWaiting } from "./import-edges.ts";
import { IMPORTED_FIELDS, type Imported, type ImportRecord, imported } from "./import-format.ts";
import { putExternalName } from "./link-store.ts";
import type { RecordAddress, TrackerRecord } from "./record.ts";
import { readRecords } from "./record-store.ts";

export interface ImportOutcome {
  external_id: string;
  result: "created" | "updated" | "unchanged" | "failed";
  record_id?: string;
  reason?: string;
  /** Dependencies that were left out, and why. */
  warnings?: string[];
}

function note(words: string, status: "created" | "worklog" = "worklog") {
  return { status, description: words } as const;
}

const NO_SESSION = {
  active_agent_session: false,
  active_agent_session_id: "",
  active_agent_session_parent: false,
};

/** Creates the record under its name from elsewhere; undefined when somebody else created it in the meantime. */
async function create(
  project: Project,
  { type }: ImportRecord,
  { attributes, further }: Imported,
  writer: Writer,
): Promise<TrackerRecord | undefined> {
  const draft = {
    type,
    attributes: { coordination: false, ...attributes, ...furtherChanges(type, further, undefined, timestamp()) },
    related: [],
    warning: undefined,
  };
  const { external_id, title, created_at } = attributes;
  try {
    const { record } = await createChecked({
      project,
      draft,
      writer,
      entry: { operation: "imported", note: note(`imported from ${external_id}: ${title}`, "created") },
      extra: { imported_version: 1, ...(created_at && { created_at }), ...(type === "task" && NO_SESSION) },
      others: ({ itemId }) => [putExternalName(project.project_id, external_id, itemId)],
    });
    return record;
  } catch (error) {
    if (error instanceof OtherConditionFailed) return undefined;
    throw error;
  }
}

/** When a record that was made here was changed and closed, its own history tells. */
function toldByItself(record: TrackerRecord, status: string): Partial<TrackerRecord> {
  if (record.external_id !== undefined) return {};
  const { external_updated_at, closed_at } = record;
  return { external_updated_at, ...(record.status === status && { closed_at }) };
}

function brought(record: TrackerRecord, { attributes, further }: Imported, now: string): TrackerRecord {
  const cleared = Object.fromEntries(IMPORTED_FIELDS.map((field) => [field, undefined]));
  const type = record.record_type as ImportRecord["type"];
  const { external_id: _, ...known } = attributes;
  const own = toldByItself(record, attributes.status);
  return { ...record, ...cleared, ...known, ...own, ...furtherChanges(type, further, record, now) };
}

interface Updated {
  record: TrackerRecord;
  changed: boolean;
}

/** Brings a known record to what elsewhere says it is. What people did here besides stays. */
function update(
  address: RecordAddress,
  input: Imported,
  writer: Writer,
  known: TrackerRecord | undefined,
): Promise<Updated> {
  const decide = (record: TrackerRecord, now: number): Decision<Updated> => {
    const after = brought(record, input, timestamp(now));
    if (canonicalHash(after) === canonicalHash(record)) return { nothingToDo: { record, changed: false } };
    return {
      after: { ...after, imported_version: (record.sync_version ?? 0) + 1 },
      entry: { operation: "imported", note: note(`imported again from ${input.attributes.external_id}`) },
      result: (written) => ({ record: written, changed: true }),
    };
  };
  return changeRecord<Updated>(address, writer, decide, { known });
}

/** What is known before the records of a call are imported, and what comes in with them. */
interface Known {
  /** The records that bear names from elsewhere, by name. */
  names: Map<string, string>;
  /** The records that are imported again as they were read. */
  records: ReadonlyMap<string, TrackerRecord>;
}

/** A record that came in, before its dependencies are made. */
interface Arrived {
  issue: Imported;
  record: TrackerRecord;
  result: "created" | "updated" | "unchanged";
}

async function arrive(
  project: Project,
  input: ImportRecord,
  writer: Writer,
  { names, records }: Known,
): Promise<Arrived | ImportOutcome> {
  const issue = imported(input);
  const { external_id } = issue.attributes;
  const known = names.get(external_id);
  const created = known === undefined ? await create(project, input, issue, writer) : undefined;
  const itemId = created?.item_id ?? known ?? (await itemsCalled(project, [external_id])).get(external_id);
  if (itemId === undefined) {
    throw new DomainError("CONFLICT", "The record is being imported by somebody else.", {
      next_action: "Import it again in a moment.",
    });
  }
  names.set(external_id, itemId);
  const address = addressIn(project, itemId);
  if (address.type !== input.type) {
    const reason = `it is a ${address.type} here, not a ${input.type}`;
    return { external_id, result: "failed", record_id: itemId, reason };
  }
  if (created) return { issue, record: created, result: "created" };
  const { record, changed } = await update(address, issue, writer, records.get(itemId));
  return { issue, record, result: changed ? "updated" : "unchanged" };
}

async function join(
  project: Project,
  { issue, record, result }: Arrived,
  writer: Writer,
  { names }: Known,
): Promise<ImportOutcome> {
  const { external_id } = issue.attributes;
  const { connected, refused } = await connectAll(project, record, issue.edges, writer, names);
  const warnings = [...refused, ...(await joinWaiting(project, external_id, record.item_id, writer))];
  return {
    external_id,
    result: connected && result === "unchanged" ? "updated" : result,
    record_id: record.item_id,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** What became of one record; a refusal concerns that one alone. */
async function orRefused<Result>(
  { external_id }: Pick<ImportRecord, "external_id">,
  work: Promise<Result>,
): Promise<Result | ImportOutcome> {
  try {
    return await work;
  } catch (error) {
    const isRefusal =
      error instanceof DomainError && error.code !== "INTERNAL_ERROR" && error.code !== "CONFIGURATION_ERROR";
    if (!isRefusal) throw error;
    return { external_id, result: "failed", reason: error.message };
  }
}

/** Every name that inputs bear or lead to. */
function namesIn(inputs: readonly ImportRecord[]): string[] {
  return inputs.flatMap(({ external_id, parent, dependencies }) => [
    external_id,
    ...(parent?.trim() ? [parent.trim()] : []),
    ...(dependencies ?? []).flatMap((edge) => (edge.in_another_project ? [] : edge.external_id)),
  ]);
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
  // One look at all names: none is ever taken away, and one that comes in meanwhile shows when ours is to be written.
  const names = await itemsCalled(project, namesIn(inputs));
  const again = inputs.flatMap(({ external_id }) => names.get(external_id) ?? []);
  const read = again.length > 0 ? await readRecords(again.map((itemId) => addressIn(project, itemId))) : [];
  const known: Known = { names, records: new Map(read.map((record) => [record.item_id, record])) };
  const arrived: (Arrived | ImportOutcome)[] = [];
  for (const input of inputs) arrived.push(await orRefused(input, arrive(project, input, writer, known)));
  // Dependencies come after the records of the call, so that those between them need not wait for each other.
  const outcomes: ImportOutcome[] = [];
  for (const one of arrived) {
    outcomes.push("issue" in one ? await orRefused(one.issue.attributes, join(project, one, writer, known)) : one);
  }
  return outcomes;
}
