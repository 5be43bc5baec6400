import { invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { initialStatus } from "./lifecycle.ts";
import type { AcceptanceCriterion, RecordType, TrackerRecord } from "./record.ts";
import { parseIdList } from "./relations.ts";
import { LIMITS, withinText } from "./text.ts";

/** What a request says of a record to be created: types are checked, rules are not. */
export interface NewRecordInput {
  title?: string | null | undefined;
  description?: string | null | undefined;
  priority?: string | null | undefined;
  assigned_to?: string | null | undefined;
  severity?: string | null | undefined;
  hypothesis?: string | null | undefined;
  status?: string | null | undefined;
  acceptance_criteria?: string | readonly unknown[] | null | undefined;
  user_story?: string | null | undefined;
  evidence?: unknown;
  success_metrics?: unknown;
  category?: string | null | undefined;
  intent?: string | null | undefined;
  primary_task?: string | null | undefined;
  related?: string | readonly string[] | null | undefined;
  coordination?: boolean | string | null | undefined;
  coordination_request_id?: string | null | undefined;
  dispatch_id?: string | null | undefined;
  labels?: readonly string[] | null | undefined;
  external_id?: string | null | undefined;
}

/** A record that passed every check but has no id yet. */
export interface NewRecord {
  type: RecordType;
  attributes: Partial<TrackerRecord> & { title: string; status: string };
  /** Ids that it relates to, in upper case. */
  related: string[];
  warning: string | undefined;
}

const CATEGORIES: Readonly<Record<RecordType, readonly string[]>> = {
  feature: ["epic", "capability", "enhancement", "infrastructure"],
  task: ["implementation", "investigation", "documentation", "maintenance", "validation"],
  issue: ["bug", "debt", "risk", "security", "performance"],
};

function trimmed(value: string | null | undefined): string {
  return value?.trim() ?? "";
}

/** What is said about a category outside the usual ones; it is stored all the same. */
export function categoryWarning(type: RecordType, category: string): string | undefined {
  if (category === "" || CATEGORIES[type].includes(category)) return undefined;
  return `category '${firstCharacters(category, 60)}' is unusual for a ${type}; usual: ${CATEGORIES[type].join(", ")}.`;
}

/**
 * A switch as clients send it: a boolean or one of true/1/yes, false/0/no.
 * @throws DomainError INVALID_INPUT
 */
export function parseSwitch(field: string, value: unknown, otherwise = false): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim().toLowerCase() : "?";
  if (["true", "1", "yes"].includes(text)) return true;
  if (["false", "0", "no", ""].includes(text)) return false;
  throw invalidInput(`${field}: true or false is wanted.`);
}

/**
 * Acceptance criteria as texts: one text is one criterion; blanks are dropped.
 * @throws DomainError INVALID_INPUT
 */
export function parseCriteria(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const entries = Array.isArray(value) ? value : [value];
  if (!entries.every((entry) => typeof entry === "string")) {
    throw invalidInput("acceptance_criteria: a text or a list of texts is wanted.");
  }
  return entries.map((entry) => withinText("acceptance_criteria", entry.trim())).filter((entry) => entry !== "");
}

/** Evidence of an issue. */
export interface IssueEvidence {
  description: string;
  steps_to_duplicate: string[];
  observed_by?: string;
  timestamp?: string;
}

function parseEvidenceEntry(entry: unknown, index: number): IssueEvidence {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw invalidInput(`evidence[${index}] must be an object.`);
  }
  const { description, steps_to_duplicate: steps, observed_by, timestamp } = entry as Record<string, unknown>;
  if (typeof description !== "string" || description.trim() === "") {
    throw invalidInput(`evidence[${index}].description is required.`);
  }
  if (!Array.isArray(steps) || steps.length === 0 || !steps.every((step) => typeof step === "string")) {
    throw invalidInput(`evidence[${index}].steps_to_duplicate must be a list with at least one step.`);
  }
  return {
    description: withinText("evidence", description),
    steps_to_duplicate: steps.map((step: string) => withinText("evidence", step)),
    ...(typeof observed_by === "string" && { observed_by: withinText("evidence", observed_by) }),
    ...(typeof timestamp === "string" && { timestamp: withinText("evidence", timestamp) }),
  };
}

/**
 * The evidence of an issue, at least one entry; keys that mean nothing are dropped.
 * @throws DomainError INVALID_INPUT
 */
export function parseIssueEvidence(value: unknown): IssueEvidence[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidInput("evidence: an issue needs at least one entry.");
  return value.map(parseEvidenceEntry);
}

/**
 * The id of the task where work on a feature or issue starts.
 * @throws DomainError INVALID_INPUT
 */
export function parsePrimaryTask(type: RecordType, value: string): string {
  const id = value.trim().toUpperCase();
  if (id === "") return "";
  if (type === "task") throw invalidInput("primary_task is only valid on features and issues.");
  if (!id.includes("-TSK-")) throw invalidInput("primary_task must reference a task.");
  return withinText("primary_task", id, LIMITS.id);
}

/** @throws DomainError INVALID_INPUT */
export function parseLabels(value: readonly string[] | null | undefined): string[] {
  const labels = [...new Set((value ?? []).map((label) => label.trim()).filter((label) => label !== ""))];
  if (labels.length > LIMITS.labels) throw invalidInput(`labels: at most ${LIMITS.labels} are allowed.`);
  return labels.map((label) => withinText("labels", label, LIMITS.label));
}

function coordinationOf(input: NewRecordInput): { coordination: boolean; coordination_request_id?: string } {
  const dispatched = trimmed(input.dispatch_id) !== "";
  const coordination = parseSwitch("coordination", input.coordination) || dispatched;
  const requestId = trimmed(input.coordination_request_id);
  if (coordination && requestId === "") throw invalidInput("coordination=true requires coordination_request_id.");
  return { coordination, ...(requestId !== "" && { coordination_request_id: requestId }) };
}

function requireCriteria(criteria: readonly string[], type: RecordType): void {
  if (criteria.length === 0 && type !== "issue") {
    throw invalidInput(`acceptance_criteria: a ${type} needs at least one criterion.`);
  }
}

function unmet(description: string): AcceptanceCriterion {
  return { description, evidence: "", evidence_acceptance: false };
}

/** What only one type of record has. */
function attributesOfType(type: RecordType, input: NewRecordInput): Partial<TrackerRecord> {
  if (type === "feature") {
    const user_story = withinText("user_story", trimmed(input.user_story));
    if (user_story === "") throw invalidInput("user_story: a feature needs one.");
    const criteria = parseCriteria(input.acceptance_criteria);
    requireCriteria(criteria, type);
    const metrics = Array.isArray(input.success_metrics) ? input.success_metrics : undefined;
    const success_metrics = metrics
      ?.filter((metric): metric is string => typeof metric === "string" && metric.trim() !== "")
      .map((metric) => withinText("success_metrics", metric.trim()));
    return { user_story, acceptance_criteria: criteria.map(unmet), ...(success_metrics && { success_metrics }) };
  }
  const criteria = parseCriteria(input.acceptance_criteria);
  requireCriteria(criteria, type);
  const listed = criteria.length > 0 ? { acceptance_criteria: criteria } : {};
  if (type === "issue") return { ...listed, evidence: parseIssueEvidence(input.evidence) };
  return { ...listed, active_agent_session: false, active_agent_session_id: "", active_agent_session_parent: false };
}

const PLAIN_TEXTS = ["description", "priority", "assigned_to", "category", "intent", "external_id"] as const;
const ISSUE_TEXTS = ["severity", "hypothesis"] as const;

function texts(type: RecordType, input: NewRecordInput): Partial<TrackerRecord> {
  const fields = type === "issue" ? [...PLAIN_TEXTS, ...ISSUE_TEXTS] : PLAIN_TEXTS;
  const values = fields.map((field) => {
    const value = input[field] ?? "";
    const text = field === "description" ? value : value.trim();
    return [field, withinText(field, text)] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value.trim() !== ""));
}

/**
 * Checks everything that can be checked before an id is taken, in the order in which a caller would fix it.
 * @throws DomainError INVALID_INPUT
 */
export function newRecord(type: RecordType, input: NewRecordInput): NewRecord {
  const title = trimmed(input.title);
  if (title === "") throw invalidInput("Field 'title' is required.");
  withinText("title", title, LIMITS.title);
  const coordination = coordinationOf(input);
  const ofType = attributesOfType(type, input);
  const primary_task = parsePrimaryTask(type, input.primary_task ?? "");
  const status = initialStatus(type, input.status ?? undefined);
  const labels = parseLabels(input.labels);
  return {
    type,
    attributes: {
      title,
      status,
      ...texts(type, input),
      ...ofType,
      ...coordination,
      ...(primary_task && { primary_task }),
      ...(labels.length > 0 && { labels }),
    },
    related: parseIdList("related", input.related),
    warning: categoryWarning(type, trimmed(input.category)),
  };
}
