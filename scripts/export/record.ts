import { wordsInBlockedBy } from "../../domain/tracker/dependency-mirror.ts";
import { isFurtherAttribute } from "../../domain/tracker/import-attributes.ts";
import type { ImportRecord } from "../../domain/tracker/import-format.ts";
import { isFinished } from "../../domain/tracker/lifecycle.ts";
import { textList } from "../../domain/tracker/record.ts";
import { exportedDependencies, type Related } from "./dependencies.ts";
import { type ListedRecord, type Names, nameOf } from "./names.ts";

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** What answers show of a record beside its attributes, and what every record has from its beginning. */
function isOfNoConcern(name: string, value: unknown): boolean {
  return name === "history_truncated" || (name === "coordination" && value === false);
}

/** An attribute in words that mean the same in another project; ids of this one would mean something else there. */
function exportedValue(record: ListedRecord, name: string, value: unknown, names: Names): unknown {
  if (isBlank(value)) return undefined;
  if (name === "primary_task") return nameOf(names, String(value));
  // The ids of blockers stand among the dependencies; what people wrote besides stays.
  return name === "blocked_by" ? wordsInBlockedBy(record) : value;
}

function attributesOf(record: ListedRecord, names: Names): Record<string, unknown> | undefined {
  const entries = Object.entries(record)
    .filter(([name]) => isFurtherAttribute(name))
    .map(([name, value]) => [name, exportedValue(record, name, value, names)] as const)
    .filter(([name, value]) => !isBlank(value) && !isOfNoConcern(name, value))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** When it last changed elsewhere, as long as nothing has happened to it here since its import. */
function updatedAt(record: ListedRecord): string | undefined {
  const isAsImported = record.imported_version !== undefined && record.imported_version === record.sync_version;
  return (isAsImported && text(record.external_updated_at)) || text(record.updated_at);
}

interface Note {
  timestamp?: string;
  description?: string;
  closed_time?: string;
}

/** When it was closed: the newest closing that its history tells, else what it brought along from elsewhere. */
function closedAt(record: ListedRecord): string | undefined {
  if (!isFinished(record.record_type as ImportRecord["type"], record.status)) return undefined;
  const notes = Array.isArray(record.history) ? (record.history as Note[]) : [];
  const closing = notes.findLast(
    ({ closed_time, description }) =>
      closed_time !== undefined || description?.startsWith(`Field 'status' set to '${record.status}'`),
  );
  return text(closing?.closed_time) ?? text(closing?.timestamp) ?? text(record.closed_at);
}

/**
 * A record in the form in which the import takes it.
 * @param names of all records of the project
 * @param related who is led to by whom, in the whole project
 */
export function exportedRecord(record: ListedRecord, names: Names, related: Related): ImportRecord {
  const type = record.record_type as ImportRecord["type"];
  const dependencies = exportedDependencies(record, names, related);
  const parents = dependencies.filter(({ kind }) => kind === "parent");
  const labels = textList(record.labels);
  return {
    external_id: nameOf(names, record.item_id),
    type,
    title: record.title,
    description: text(record.description),
    status: record.status,
    priority: text(record.priority),
    labels: labels.length > 0 ? labels : undefined,
    created_at: text(record.created_at),
    updated_at: updatedAt(record),
    closed_at: closedAt(record),
    close_reason: text(record.close_reason),
    // Of several parents the field names one.
    parent: parents.length > 1 && text(record.parent) ? nameOf(names, String(record.parent)) : undefined,
    dependencies: dependencies.length > 0 ? dependencies : undefined,
    attributes: attributesOf(record, names),
  };
}
