import { invalidInput } from "@enceladus/shared/errors";
import { characters, firstCharacters } from "@enceladus/shared/text";
import { asCriterion, criteriaOf } from "./evidence.ts";
import { categoryWarning, parseCriteria, parseIssueEvidence, parseLabels, parsePrimaryTask } from "./new-record.ts";
import { withPendingNote } from "./pending-note.ts";
import { RECORD_TYPES, RELATED_FIELDS, type RecordType, SEGMENTS, type TrackerRecord } from "./record.ts";
import { parseDependsOn, parseIdList } from "./relations.ts";
import { assertStorable } from "./storable.ts";
import { LIMITS, withinText } from "./text.ts";

/** Attributes that the system keeps; a field update of one is refused. */
const SYSTEM_MANAGED = new Set([
  "project_id",
  "record_id",
  "record_type",
  "item_id",
  "sync_version",
  "created_at",
  "updated_at",
  "history",
  "write_source",
  "last_update_note",
  "active_agent_session_id",
  "active_agent_session_at",
  "commit_sha",
  "deployment_ref",
  "merge_evidence",
  "pending_update_at",
  "pending_scope",
  "expires_at",
  "external_id",
  "external_updated_at",
  "imported_version",
  "dependencies",
  "awaited_dependencies",
  "lease_id",
  "lease_expires_at",
  "lease_heartbeat_at",
  "fence",
  "ready_scope",
  "ready_rank",
  "leased_scope",
  "stalled_scope",
  "row_version",
  "open_blockers",
  "blocked_parents",
  "has_dependants",
  "parked_at",
  "parked_reason",
  "history_seq",
  "history_hash",
  "history_notes",
  "history_recent",
]);

export function isSystemManaged(field: string): boolean {
  return SYSTEM_MANAGED.has(field);
}

/** Fields whose value every reader takes for a text. */
const TEXT_FIELDS = new Set([
  "title",
  "description",
  "priority",
  "assigned_to",
  "severity",
  "hypothesis",
  "category",
  "intent",
  "user_story",
  "blocked_by",
  "github_issue_url",
  "coordination_request_id",
]);

/**
 * The name of a field that an update may set.
 * @throws DomainError INVALID_INPUT
 */
export function parseFieldName(name: unknown): string {
  const field = typeof name === "string" ? name.trim() : "";
  if (field === "") throw invalidInput("Field 'field' is required.");
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(field)) throw invalidInput("Field 'field' is not a legal attribute name.");
  if (SYSTEM_MANAGED.has(field)) throw invalidInput(`Field '${field}' is system-managed.`);
  return field;
}

/** A field update as far as it can be judged without the record. */
export interface FieldValue {
  field: string;
  value: unknown;
  warnings: string[];
}

function text(field: string, value: unknown): string {
  if (typeof value !== "string") throw invalidInput(`${field}: a text is wanted.`);
  return value;
}

function parseParent(type: RecordType, itemId: string, value: unknown): string {
  const parent = text("parent", value).trim().toUpperCase();
  if (parent === "") return "";
  const others = RECORD_TYPES.filter((other) => other !== type);
  if (others.some((other) => parent.includes(`-${SEGMENTS[other]}-`))) {
    throw invalidInput("Parent must be the same record type.");
  }
  if (parent === itemId) throw invalidInput("Parent must not be the record itself.");
  return withinText("parent", parent, LIMITS.id);
}

function parseFieldCriteria(type: RecordType, value: unknown): string[] {
  const entries = Array.isArray(value)
    ? value.map((entry) => (typeof entry === "string" ? entry : asCriterion(entry).description))
    : value;
  const criteria = parseCriteria(entries);
  if (criteria.length === 0 && type !== "issue") {
    throw invalidInput(`acceptance_criteria: a ${type} needs at least one criterion.`);
  }
  return criteria;
}

function normalized(type: RecordType, itemId: string, field: string, value: unknown): unknown {
  if (Object.values(RELATED_FIELDS).some((related) => related === field)) return parseIdList(field, value);
  if (field === "depends_on") return parseDependsOn(value);
  if (field === "status") return text(field, value).trim().toLowerCase();
  if (field === "parent") return parseParent(type, itemId, value);
  if (field === "primary_task") return parsePrimaryTask(type, text(field, value));
  if (field === "acceptance_criteria") return parseFieldCriteria(type, value);
  if (field === "evidence" && type === "issue") return parseIssueEvidence(value);
  if (field === "labels") return parseLabels(parseTexts(field, value));
  if (field === "update") return withinText(field, value === null ? "" : text(field, value), LIMITS.log);
  if (field === "title") return parseTitle(value);
  if (TEXT_FIELDS.has(field)) return value === null ? null : withinText(field, text(field, value));
  withinText(field, typeof value === "string" ? value : JSON.stringify(value));
  return value;
}

function parseTexts(field: string, value: unknown): string[] {
  const entries = value === null || value === "" ? [] : value;
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === "string")) {
    throw invalidInput(`${field}: a list of texts is wanted.`);
  }
  return entries;
}

function parseTitle(value: unknown): string {
  const title = text("title", value).trim();
  if (title === "") throw invalidInput("title: must not be blank.");
  return withinText("title", title, LIMITS.title);
}

/**
 * Checks the value of a field as far as that needs no record, and brings it into the form in which it is stored.
 * @throws DomainError INVALID_INPUT
 */
export function parseFieldValue(type: RecordType, itemId: string, field: string, value: unknown): FieldValue {
  assertStorable(field, value);
  const stored = normalized(type, itemId, field, value ?? (value === null ? null : ""));
  const warning = field === "category" && typeof stored === "string" ? categoryWarning(type, stored) : undefined;
  return { field, value: stored, warnings: warning ? [warning] : [] };
}

/** Criteria of a feature keep their evidence while their description stays; what a client says of it is ignored. */
function criteriaKeepingEvidence(record: TrackerRecord, descriptions: readonly string[]) {
  const known = new Map(criteriaOf(record).map((criterion) => [criterion.description, criterion]));
  return descriptions.map((description) => known.get(description) ?? asCriterion(description));
}

/** The record with the field set. Fields with rules of their own (status, locks) do not come here. */
export function withField(record: TrackerRecord, { field, value }: FieldValue, now: string): TrackerRecord {
  if (field === "update") return withPendingNote(record, value as string, now);
  if (field === "acceptance_criteria" && record.record_type === "feature") {
    return { ...record, acceptance_criteria: criteriaKeepingEvidence(record, value as string[]) };
  }
  return { ...record, [field]: value };
}

/** The value as the history tells it, cut to 100 characters. */
export function valueInWords(value: unknown): string {
  const words = typeof value === "string" ? value : JSON.stringify(value);
  return characters(words) > 100 ? `${firstCharacters(words, 100)}...` : words;
}
