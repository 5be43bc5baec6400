import {
  compact,
  type Draft,
  labelsOf,
  listOf,
  type Mapping,
  objectsOf,
  priorityOf,
  textOf,
  typeOf,
} from "./mapping.ts";
import type { Remarks } from "./remarks.ts";

type Row = Readonly<Record<string, unknown>>;

/** `owner/repo#12`: the one name of an issue over all repositories; `#12` where no address tells the repository. */
function nameIn(url: unknown, number: unknown): string {
  const repository = /\/(?:repos\/)?([^/]+\/[^/]+)\/issues\/\d+$/.exec(textOf(url) ?? "")?.[1] ?? "";
  return `${repository}#${String(number)}`;
}

function nameOf(url: string | undefined): string | undefined {
  const number = url && /\/issues\/(\d+)$/.exec(url)?.[1];
  return number ? nameIn(url, number) : undefined;
}

/** Both the REST API (`[{name}]`) and `gh issue list --json` do it so; older ones have plain texts. */
function labelNames(row: Row): string[] {
  return listOf(row.labels).flatMap((label) => textOf((label as { name?: unknown })?.name ?? label) ?? []);
}

/** `bug`, `type: bug`, `kind/feature` */
function wordsOf(label: string): string {
  return label
    .replace(/^(type|kind|priority|prio)\s*[:/=-]\s*/i, "")
    .trim()
    .toLowerCase();
}

function typeFrom(row: Row, labels: readonly string[]): string {
  const own = textOf((row.type as { name?: unknown } | null | undefined)?.name);
  const types = [...(own ? [own] : []), ...labels.map(wordsOf)].map(typeOf);
  return types.find((type) => type !== "task") ?? "task";
}

function counted(value: unknown): number {
  return Array.isArray(value) ? value.length : Number(value ?? 0) || 0;
}

/** What an issue has beside, of which its line holds a number or a name only. */
function tellTheRest(row: Row, id: string, remarks: Remarks): void {
  const { blocked_by, blocking } = (row.issue_dependencies_summary ?? {}) as Row;
  if (counted(row.comments) > 0) remarks.leftOut("comments", id);
  if (row.milestone) remarks.leftOut("milestones", id);
  if (counted(blocked_by) + counted(blocking) > 0) remarks.leftOut("dependencies, which GitHub only counts here", id);
}

/** An issue as GitHub's REST API, or `gh issue list --json`, has it. */
export const fromGithub: Mapping = (row, remarks): Draft | undefined => {
  const url = row.html_url ?? row.url;
  const id = nameIn(url, row.number);
  if (row.pull_request !== undefined || /\/pull\/\d+$/.test(textOf(url) ?? "")) {
    remarks.leftOut("pull requests", `#${String(row.number)}`);
    return undefined;
  }
  const labels = labelNames(row);
  const people = objectsOf(row.assignees).flatMap(({ login }) => textOf(login) ?? []);
  if (people.length > 1) remarks.leftOut("assignees beyond the first one", id);
  tellTheRest(row, id, remarks);
  return {
    external_id: id,
    type: typeFrom(row, labels),
    title: row.title,
    description: row.body,
    status: textOf(row.state)?.toLowerCase(),
    priority: labels.map((label) => priorityOf(wordsOf(label))).find((priority) => priority !== undefined),
    labels: labelsOf(labels, id, remarks),
    created_at: row.created_at ?? row.createdAt,
    updated_at: row.updated_at ?? row.updatedAt,
    closed_at: row.closed_at ?? row.closedAt,
    close_reason: textOf(row.state_reason ?? row.stateReason)?.toLowerCase(),
    parent: nameOf(textOf(row.parent_issue_url)),
    attributes: compact({ assigned_to: people[0], github_issue_url: textOf(url) }),
  };
};
