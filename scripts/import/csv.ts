import { compact, type Draft, labelsOf, type Mapping, priorityOf, textOf, typeOf } from "./mapping.ts";

/** What a column may be called, in lower case, by what it holds. */
const COLUMNS = {
  external_id: ["external_id", "id", "key", "issue key", "number"],
  title: ["title", "summary", "name"],
  description: ["description", "body"],
  type: ["type", "issue_type", "issue type"],
  status: ["status", "state"],
  priority: ["priority"],
  labels: ["labels", "tags"],
  created_at: ["created_at", "created", "created at"],
  updated_at: ["updated_at", "updated", "updated at"],
  closed_at: ["closed_at", "closed", "closed at", "resolved"],
  close_reason: ["close_reason", "resolution"],
  parent: ["parent", "parent_id", "parent id"],
  blocked_by: ["blocked_by", "depends_on", "blocked by", "depends on"],
  assigned_to: ["assigned_to", "assignee"],
} as const;

const KNOWN = new Set<string>(Object.values(COLUMNS).flat());

function splitList(text: string | undefined): string[] {
  return (text ?? "").split(/[,;]/).flatMap((entry) => textOf(entry)?.trim() ?? []);
}

/** Spreadsheets write a time with a blank and without a zone: UTC then. */
function timeOf(text: string | undefined): string | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/.exec(text?.trim() ?? "") ?? [];
  return day ? `${day}T${time}Z` : text;
}

/** A row of a table with a header; columns that mean nothing are told. */
export const fromCsv: Mapping = (row, remarks): Draft => {
  const cell = (field: keyof typeof COLUMNS) =>
    COLUMNS[field].map((column) => textOf(row[column])).find((text) => text !== undefined);
  const id = cell("external_id")?.trim() ?? "";
  for (const [column, value] of Object.entries(row)) {
    if (!KNOWN.has(column) && textOf(value)) remarks.leftOut(`the column "${column}"`, id);
  }
  const priority = priorityOf(cell("priority"));
  if (cell("priority") && !priority) remarks.leftOut(`the priority "${cell("priority")}"`, id);
  return {
    external_id: id,
    type: typeOf(cell("type") ?? "task"),
    title: cell("title"),
    description: cell("description"),
    status: cell("status")?.trim() ?? "open",
    priority,
    labels: labelsOf(splitList(cell("labels")), id, remarks),
    created_at: timeOf(cell("created_at")),
    updated_at: timeOf(cell("updated_at")),
    closed_at: timeOf(cell("closed_at")),
    close_reason: cell("close_reason"),
    parent: cell("parent")?.trim(),
    dependencies: splitList(cell("blocked_by")).map((external_id) => ({ external_id, kind: "blocks" })),
    attributes: compact({ assigned_to: cell("assigned_to")?.trim() }),
  };
};
