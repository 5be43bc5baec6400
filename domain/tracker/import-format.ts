import { invalidInput } from "@enceladus/shared/errors";
import { currentStatus, LIFECYCLES } from "./lifecycle.ts";
import type { DependencyKind } from "./link-store.ts";
import { LIMITS, parseLabels, withinText } from "./new-record.ts";
import type { RecordType, TrackerRecord } from "./record.ts";

/** An issue from elsewhere. Lifecycle gates do not apply: what happened there has happened. */
export interface ImportRecord {
  external_id: string;
  type: RecordType;
  title: string;
  description?: string | null | undefined;
  status: string;
  priority?: string | null | undefined;
  labels?: readonly string[] | null | undefined;
  created_at: string;
  updated_at?: string | null | undefined;
  closed_at?: string | null | undefined;
  close_reason?: string | null | undefined;
  parent?: string | null | undefined;
  dependencies?: readonly ImportDependency[] | null | undefined;
}

export interface ImportDependency {
  external_id: string;
  kind: DependencyKind;
}

export const MAX_DEPENDENCIES = 100;

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

function statusOf(type: RecordType, foreign: string): string {
  const { order, initial, closed } = LIFECYCLES[type];
  const plain = currentStatus(type, foreign);
  if (order.includes(plain)) return plain;
  const meaning = FOREIGN_STATUS[plain];
  if (meaning === undefined) throw invalidInput(`status '${foreign.slice(0, 60)}' has no counterpart for a ${type}.`);
  if (meaning === "closed") return closed;
  return meaning === "initial" ? initial : "in-progress";
}

function time(field: string, value: string): string {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw invalidInput(`${field}: a time such as 2026-01-31T12:00:00Z is wanted.`);
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function optional(field: keyof ImportRecord, value: string | null | undefined, limit?: number): Partial<TrackerRecord> {
  const text = value?.trim() ?? "";
  return text === "" ? {} : { [field]: withinText(field, text, limit) };
}

/** What a record owes to its import: a second import that finds all of it equal changes nothing. */
export type ImportedAttributes = Partial<TrackerRecord> & { title: string; status: string; external_id: string };

/**
 * The attributes that an issue from elsewhere has here.
 * @throws DomainError INVALID_INPUT that says which field cannot be taken over
 */
export function importedAttributes(input: ImportRecord): ImportedAttributes {
  const title = input.title.trim();
  if (title === "") throw invalidInput("title: must not be blank.");
  const labels = parseLabels(input.labels);
  const closed_at = input.closed_at ? time("closed_at", input.closed_at) : undefined;
  return {
    external_id: withinText("external_id", input.external_id, LIMITS.title),
    title: withinText("title", title, LIMITS.title),
    status: statusOf(input.type, input.status),
    created_at: time("created_at", input.created_at),
    ...(input.updated_at && { external_updated_at: time("updated_at", input.updated_at) }),
    ...(closed_at && { closed_at }),
    ...optional("description", input.description),
    ...optional("priority", input.priority),
    ...optional("close_reason", input.close_reason),
    ...(labels.length > 0 && { labels }),
  };
}

/** Attributes that an import may set; what it does not mention any more is taken away again. */
export const IMPORTED_FIELDS = [
  "title",
  "status",
  "created_at",
  "external_updated_at",
  "closed_at",
  "description",
  "priority",
  "close_reason",
  "labels",
] as const;

/**
 * The edges that an issue from elsewhere asks for, each once; its parent is one of them.
 * @throws DomainError INVALID_INPUT
 */
export function importedEdges(input: ImportRecord): ImportDependency[] {
  const parent = input.parent?.trim();
  const all = [...(parent ? [{ external_id: parent, kind: "parent" as const }] : []), ...(input.dependencies ?? [])];
  const unique = [...new Map(all.map((edge) => [`${edge.kind}#${edge.external_id}`, edge])).values()];
  if (unique.some((edge) => edge.external_id === input.external_id)) {
    throw invalidInput("dependencies: a record cannot depend on itself.");
  }
  if (unique.length > MAX_DEPENDENCIES) throw invalidInput(`dependencies: at most ${MAX_DEPENDENCIES} are allowed.`);
  return unique;
}
