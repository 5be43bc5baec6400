import { invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { MAX_DEPENDENCIES } from "./dependencies/edge-change.ts";
import { furtherAttributes } from "./import-attributes.ts";
import { currentStatus, LIFECYCLES } from "./lifecycle.ts";
import type { AwaitedDependency } from "./link-store.ts";
import { parseLabels } from "./new-record.ts";
import type { RecordType, TrackerRecord } from "./record.ts";
import { LIMITS, withinText } from "./text.ts";

/** A dependency by the name of its other end. */
export interface ImportedDependency extends AwaitedDependency {
  /** Then the name is the id of a record in another project, which has to be there. */
  in_another_project?: boolean | null | undefined;
}

/** An issue from elsewhere. Lifecycle gates do not apply: what happened there has happened. */
export interface ImportRecord {
  external_id: string;
  type: RecordType;
  title: string;
  description?: string | null | undefined;
  status: string;
  priority?: string | null | undefined;
  labels?: readonly string[] | null | undefined;
  /** Absent: the time of the first import. */
  created_at?: string | null | undefined;
  updated_at?: string | null | undefined;
  closed_at?: string | null | undefined;
  close_reason?: string | null | undefined;
  parent?: string | null | undefined;
  dependencies?: readonly ImportedDependency[] | null | undefined;
  /** Everything else that a record may have: `assigned_to`, `acceptance_criteria`, `evidence`, ... */
  attributes?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What elsewhere means by these words. */
const FOREIGN_STATUS: Readonly<Record<string, "initial" | "in-progress" | "closed">> = {
  open: "initial",
  planned: "initial",
  pinned: "initial",
  todo: "initial",
  blocked: "initial",
  deferred: "initial",
  hooked: "in-progress",
  "in-progress": "in-progress",
  doing: "in-progress",
  closed: "closed",
  done: "closed",
  completed: "closed",
  tombstone: "closed",
};

/**
 * The status that a status from elsewhere becomes.
 * @throws DomainError INVALID_INPUT for a word that means nothing here
 */
export function importedStatus(type: RecordType, foreign: string): string {
  const { order, initial, closed } = LIFECYCLES[type];
  const plain = currentStatus(type, foreign);
  if (order.includes(plain)) return plain;
  const meaning = Object.hasOwn(FOREIGN_STATUS, plain) ? FOREIGN_STATUS[plain] : undefined;
  if (meaning === undefined) {
    throw invalidInput(`status '${firstCharacters(foreign, 60)}' has no counterpart for a ${type}.`);
  }
  if (meaning === "closed") return closed;
  return meaning === "initial" ? initial : "in-progress";
}

/** ISO 8601; anything else that JavaScript takes for a date would be read in the time zone of whoever reads it. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/i;

function time(field: string, value: string): string {
  const at = ISO_TIME.test(value.trim()) ? Date.parse(value.trim()) : Number.NaN;
  if (Number.isNaN(at)) throw invalidInput(`${field}: a time such as 2026-01-31T12:00:00Z is wanted.`);
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function optional(field: keyof ImportRecord, value: string | null | undefined): Partial<TrackerRecord> {
  const text = (field === "description" ? value : value?.trim()) ?? "";
  return text.trim() === "" ? {} : { [field]: withinText(field, text) };
}

/** What a record owes to its import: a second import that finds all of it equal changes nothing. */
export type ImportedAttributes = Partial<TrackerRecord> & { title: string; status: string; external_id: string };

/** A dependency as it is to be made. */
export interface WantedDependency extends ImportedDependency {
  /** A parent beside the one that the field names: it leaves the field alone, however late it comes in. */
  aside?: true;
}

/** An issue from elsewhere in the terms of the tracker. */
export interface Imported {
  attributes: ImportedAttributes;
  further: Readonly<Record<string, unknown>>;
  edges: readonly WantedDependency[];
}

function attributesOf(input: ImportRecord): ImportedAttributes {
  const title = input.title.trim();
  if (title === "") throw invalidInput("title: must not be blank.");
  const labels = parseLabels(input.labels);
  return {
    external_id: withinText("external_id", input.external_id, LIMITS.title),
    title: withinText("title", title, LIMITS.title),
    status: importedStatus(input.type, input.status),
    ...(input.created_at && { created_at: time("created_at", input.created_at) }),
    ...(input.updated_at && { external_updated_at: time("updated_at", input.updated_at) }),
    ...(input.closed_at && { closed_at: time("closed_at", input.closed_at) }),
    ...optional("description", input.description),
    ...optional("priority", input.priority),
    ...optional("close_reason", input.close_reason),
    ...(labels.length > 0 && { labels }),
  };
}

function isNamed({ external_id, in_another_project }: ImportedDependency, name: string): boolean {
  return external_id === name && !in_another_project;
}

/** Each edge once; the parent comes last, so that of several parents it is the one that the field names. */
function edgesOf(input: ImportRecord): WantedDependency[] {
  const parent = input.parent ? withinText("parent", input.parent.trim(), LIMITS.title) : "";
  const isTheParent = ({ kind, external_id }: ImportedDependency) => kind === "parent" && external_id === parent;
  const dependencies = input.dependencies ?? [];
  const named = dependencies.find(isTheParent) ?? { external_id: parent, kind: "parent" as const };
  const others = dependencies
    .filter((edge) => !isTheParent(edge))
    .map((edge): WantedDependency => (parent && edge.kind === "parent" ? { ...edge, aside: true } : edge));
  const all = [...others, ...(parent ? [named] : [])];
  const unique = [...new Map(all.map((edge) => [JSON.stringify([edge.kind, edge.external_id]), edge])).values()];
  if (unique.some((edge) => isNamed(edge, input.external_id))) {
    throw invalidInput("dependencies: a record cannot depend on itself.");
  }
  if (unique.length > MAX_DEPENDENCIES) throw invalidInput(`dependencies: at most ${MAX_DEPENDENCIES} are allowed.`);
  return unique;
}

/**
 * What an issue from elsewhere is here.
 * @throws DomainError INVALID_INPUT that says which field cannot be taken over
 */
export function imported(input: ImportRecord): Imported {
  return {
    attributes: attributesOf(input),
    further: furtherAttributes(input.type, input.attributes ?? {}),
    edges: edgesOf(input),
  };
}

/** Attributes that an import may set; what it does not mention any more is taken away again. */
export const IMPORTED_FIELDS = [
  "title",
  "status",
  "external_updated_at",
  "closed_at",
  "description",
  "priority",
  "close_reason",
  "labels",
] as const;
