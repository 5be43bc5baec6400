import { invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { blockedByInWords } from "./dependency-mirror.ts";
import { asCriterion, criteriaOf } from "./evidence.ts";
import { isSystemManaged, parseFieldValue } from "./field-update.ts";
import { PENDING_SCOPE } from "./pending-note.ts";
import { RELATED_FIELDS, type RecordType, type TrackerRecord } from "./record.ts";
import { withinText } from "./text.ts";

/** What an import says in a field of its own, or in its dependencies. */
const SAID_ELSEWHERE = new Set<string>([
  "title",
  "description",
  "status",
  "priority",
  "labels",
  "closed_at",
  "close_reason",
  "parent",
  "depends_on",
  ...Object.values(RELATED_FIELDS),
]);

/** Who works on a record right now is no property of the issue. */
const ABOUT_A_SESSION = new Set(["active_agent_session", "active_agent_session_parent"]);

/** What earlier transitions left behind; an update may not set it, but an import brings whole lives along. */
const LEFT_BY_TRANSITIONS = new Set(["commit_sha", "deployment_ref", "merge_evidence"]);

/** Whether an attribute of a record is one that an import may bring along beside its own fields. */
export function isFurtherAttribute(name: string): boolean {
  if (SAID_ELSEWHERE.has(name) || ABOUT_A_SESSION.has(name)) return false;
  return LEFT_BY_TRANSITIONS.has(name) || (/^[a-z][a-z0-9_]{0,63}$/.test(name) && !isSystemManaged(name));
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function parsed(type: RecordType, name: string, value: unknown): unknown {
  if (LEFT_BY_TRANSITIONS.has(name)) {
    if (typeof value !== "string") throw invalidInput(`attributes.${name}: a text is wanted.`);
    return withinText(name, value.trim());
  }
  if (name === "acceptance_criteria" && type === "feature" && Array.isArray(value)) {
    return value.map((entry) => {
      const { description, evidence, evidence_acceptance } = asCriterion(entry);
      const text = withinText(name, description.trim());
      if (text === "") throw invalidInput("attributes.acceptance_criteria: a criterion needs a description.");
      if (typeof entry === "string") return text;
      return { description: text, evidence: withinText(name, evidence), evidence_acceptance };
    });
  }
  return parseFieldValue(type, "", name, value).value;
}

/**
 * The attributes that an import brings along beside its own fields, in the form in which they are stored; blank ones
 * are left out.
 * @throws DomainError INVALID_INPUT
 */
export function furtherAttributes(
  type: RecordType,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const wanted = Object.entries(given).filter(([, value]) => !isAbsent(value));
  for (const [name] of wanted) {
    if (!isFurtherAttribute(name))
      throw invalidInput(`attributes.${firstCharacters(name, 64)}: cannot be brought along.`);
  }
  return Object.fromEntries(wanted.map(([name, value]) => [name, parsed(type, name, value)]));
}

/** Criteria that come as plain texts keep the evidence that was given here. */
function criteriaBeside(record: TrackerRecord | undefined, criteria: readonly unknown[]) {
  const known = new Map((record ? criteriaOf(record) : []).map((criterion) => [criterion.description, criterion]));
  return criteria.map((entry) => (typeof entry === "string" ? (known.get(entry) ?? asCriterion(entry)) : entry));
}

/**
 * What further attributes change.
 * @param before the record as it is; undefined for one that is to be created
 */
export function furtherChanges(
  type: RecordType,
  further: Readonly<Record<string, unknown>>,
  before: TrackerRecord | undefined,
  now: string,
): Partial<TrackerRecord> {
  const { update, acceptance_criteria: criteria, blocked_by: words, ...plain } = further;
  const isNewNote = typeof update === "string" && update !== before?.update;
  const ofFeature = type === "feature" && Array.isArray(criteria);
  return {
    ...plain,
    ...(words !== undefined && { blocked_by: before ? blockedByInWords(before, String(words)) : words }),
    ...(isNewNote && { update, pending_update_at: now, pending_scope: PENDING_SCOPE }),
    ...(criteria !== undefined && { acceptance_criteria: ofFeature ? criteriaBeside(before, criteria) : criteria }),
  };
}
