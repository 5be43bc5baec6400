import { invalidInput } from "@enceladus/shared/errors";
import { RECORD_TYPES, RELATED_FIELDS, type RecordType, textList, typeNamedBy } from "./record.ts";
import { LIMITS, withinText } from "./text.ts";

/** Records that another one depends on, by type; ids of unknown form stand as plain texts. */
export type DependsOn = ({ type: RecordType; ids: string[] } | string)[];

/** @throws DomainError INVALID_INPUT for a text that is too long for an id */
function tidy(field: string, ids: readonly string[]): string[] {
  const trimmed = ids.map((id) => id.trim().toUpperCase()).filter((id) => id !== "");
  return [...new Set(trimmed.map((id) => withinText(field, id, LIMITS.id)))];
}

/** A text that holds a JSON array, as that array; otherwise undefined. */
function embeddedArray(text: string): unknown[] | undefined {
  const plain = text.trim();
  if (!plain.startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(plain);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a list is a text that some client split into its characters: `["E","N","C","-",...]`. */
function isSplitText(entries: readonly unknown[]): entries is string[] {
  return entries.length >= 6 && entries.every((entry) => typeof entry === "string" && /^[A-Za-z0-9,\- ]$/.test(entry));
}

function expandText(field: string, text: string): unknown[] {
  const array = embeddedArray(text);
  if (array) return expand(field, array);
  const parts = text.split(",");
  return parts.length > 1 ? parts.flatMap((part) => expandText(field, part)) : parts;
}

/** The entries of a list in whatever form it comes. Opened as far as it goes, so that ids sent back stay what they are. */
function expand(field: string, value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return expandText(field, value);
  if (!Array.isArray(value)) throw invalidInput(`${field}: a list of record ids is wanted.`);
  if (isSplitText(value)) return expandText(field, value.join(""));
  return value.flatMap((entry) => (typeof entry === "string" ? expandText(field, entry) : [entry]));
}

/**
 * The ids in a `related_*_ids` value: a list, a comma list or JSON text; trimmed, upper case, each once, in order.
 * @throws DomainError INVALID_INPUT for entries that are no text, or too long for an id
 */
export function parseIdList(field: string, value: unknown): string[] {
  const entries = expand(field, value).filter((entry) => entry !== null);
  if (!entries.every((entry) => typeof entry === "string")) throw invalidInput(`${field}: ids must be texts.`);
  return tidy(field, entries);
}

function idsOfEntry(entry: unknown): string[] {
  if (typeof entry === "string") return [entry];
  const group = entry as { type?: unknown; ids?: unknown };
  if (typeof entry !== "object" || entry === null || !RECORD_TYPES.some((type) => type === group.type)) {
    throw invalidInput("depends_on: an entry is a record id or {type: task|issue|feature, ids}.");
  }
  return parseIdList("depends_on", group.ids);
}

/**
 * The value of `depends_on`: ids grouped by type (tasks, issues, features), then the ids of unknown form.
 * @throws DomainError INVALID_INPUT
 */
export function parseDependsOn(value: unknown): DependsOn {
  const entries = expand("depends_on", value).filter((entry) => entry !== null);
  return groupedByType(tidy("depends_on", entries.flatMap(idsOfEntry)));
}

/** Ids as `depends_on` holds them. */
export function groupedByType(ids: readonly string[]): DependsOn {
  const groups = RECORD_TYPES.map((type) => ({ type, ids: ids.filter((id) => typeNamedBy(id) === type) }));
  return [...groups.filter((group) => group.ids.length > 0), ...ids.filter((id) => typeNamedBy(id) === undefined)];
}

/** The ids that a stored `depends_on` names. */
export function idsInDependsOn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => (typeof entry === "string" ? [entry] : textList((entry as { ids?: unknown })?.ids)));
}

/** Ids that a new record relates to, sorted into its relation lists; ids of unknown form are left out. */
export function relationLists(ids: readonly string[]): Partial<Record<(typeof RELATED_FIELDS)[RecordType], string[]>> {
  const lists = RECORD_TYPES.map(
    (type) => [RELATED_FIELDS[type], ids.filter((id) => typeNamedBy(id) === type)] as const,
  );
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}
