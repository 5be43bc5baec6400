import { compact, type Draft, labelsOf, listOf, type Mapping, objectsOf, priorityOf, textOf } from "./mapping.ts";
import type { Remarks } from "./remarks.ts";

const TYPES: Readonly<Record<string, "issue" | "feature" | "task">> = {
  bug: "issue",
  feature: "feature",
  epic: "feature",
  task: "task",
};

const KINDS: Readonly<Record<string, string>> = {
  blocks: "blocks",
  "parent-child": "parent",
  related: "related",
  "relates-to": "related",
  "discovered-from": "discovered_from",
};

/** Words for a status that the tracker has not; it takes them for one of its own. */
const OTHER_STATUSES: Readonly<Record<string, string>> = {
  pinned: "open",
  blocked: "open",
  deferred: "open",
  hooked: "in-progress",
  tombstone: "closed",
};

const MAPPED = new Set([
  "id",
  "title",
  "description",
  "status",
  "priority",
  "issue_type",
  "created_at",
  "updated_at",
  "closed_at",
  "close_reason",
  "parent",
  "labels",
  "dependencies",
  "assignee",
  "design",
  "notes",
  "acceptance_criteria",
]);

/** Facts without rules of their own; they keep their names. */
const KEPT = ["created_by", "defer_until", "due_at", "estimated_minutes", "external_ref", "owner"];

/** Made from the other fields, or about the file and not about the issue. */
const OF_NO_CONCERN = new Set([
  "content_hash",
  "dependency_count",
  "dependent_count",
  "source_repo",
  "compaction_level",
]);

function dependenciesOf(row: Readonly<Record<string, unknown>>, id: string, remarks: Remarks): unknown[] {
  return objectsOf(row.dependencies).flatMap((dependency) => {
    const to = textOf(dependency.depends_on_id ?? dependency.id)?.trim() ?? "";
    const type = textOf(dependency.type ?? dependency.dependency_type) ?? "blocks";
    const from = textOf(dependency.issue_id)?.trim() ?? id;
    const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
    if (kind && to !== "" && to !== id && from === id) return [{ external_id: to, kind }];
    if (!kind) remarks.leftOut(`dependencies of type "${type}"`, `${id} -> ${to}`);
    else if (from !== id)
      remarks.leftOut("dependencies that stand at another issue than their own", `${from} -> ${to}`);
    else if (to === id) remarks.leftOut("dependencies of an issue on itself", id);
    else remarks.leftOut("dependencies on nothing", id);
    return [];
  });
}

/** A Markdown list is one criterion a point; any other text is one criterion. */
function criteriaOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const points = lines.map((line) => /^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.+)$/.exec(line)?.[1]?.trim());
  return points.every((point) => point !== undefined) ? points : [text.trim()];
}

function attributesOf(row: Readonly<Record<string, unknown>>, type: string): Record<string, unknown> | undefined {
  const technical = [row.design, row.notes].flatMap((text) => textOf(text) ?? []);
  return compact({
    assigned_to: textOf(row.assignee),
    // What a type is called there is lost in ours, unless both have the same word for it.
    category: ["task", "feature"].includes(type) ? undefined : type,
    technical_notes: technical.length > 0 ? technical : undefined,
    acceptance_criteria: criteriaOf(textOf(row.acceptance_criteria)),
    ...Object.fromEntries(KEPT.map((field) => [field, row[field] || undefined])),
  });
}

function isNothing(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

function tellTheRest(row: Readonly<Record<string, unknown>>, id: string, remarks: Remarks): void {
  for (const [field, value] of Object.entries(row)) {
    const isKnown = MAPPED.has(field) || KEPT.includes(field) || OF_NO_CONCERN.has(field);
    if (!isKnown && !isNothing(value)) remarks.leftOut(`the field "${field}"`, id);
  }
}

/** An issue of beads, one line of its JSONL. */
export const fromBeads: Mapping = (row, remarks): Draft | undefined => {
  const id = textOf(row.id)?.trim() ?? "";
  if (row._type !== undefined && row._type !== "issue") {
    remarks.leftOut(`lines of type "${String(row._type)}"`, id);
    return undefined;
  }
  const foreignType = textOf(row.issue_type)?.trim() || "task";
  const type = (Object.hasOwn(TYPES, foreignType) && TYPES[foreignType]) || "task";
  if (!Object.hasOwn(TYPES, foreignType)) remarks.changed(`the type "${foreignType}" is a task here`, id);
  const status = textOf(row.status)?.trim() || "open";
  const closest = Object.hasOwn(OTHER_STATUSES, status) ? OTHER_STATUSES[status] : undefined;
  if (closest) remarks.changed(`the status "${status}" is ${closest} here`, id);
  const priority = priorityOf(row.priority);
  if (priority === undefined && textOf(row.priority)) remarks.leftOut(`the priority "${String(row.priority)}"`, id);
  tellTheRest(row, id, remarks);
  return {
    external_id: id,
    type,
    title: row.title,
    description: row.description,
    status,
    priority,
    labels: labelsOf(listOf(row.labels), id, remarks),
    created_at: row.created_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
    close_reason: row.close_reason,
    parent: textOf(row.parent)?.trim() === id ? undefined : row.parent,
    dependencies: dependenciesOf(row, id, remarks),
    attributes: attributesOf(row, foreignType),
  };
};
