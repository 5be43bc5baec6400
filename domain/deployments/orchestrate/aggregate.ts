import type { DeployRequest } from "../request.ts";

/** A transaction has a hundred items; the rest is for the spec, the project's row and what comes along. */
export const MOST_IN_A_SPEC = 90;
/** A row has at most 400 KB; the rest is for its names, its analysis and what the build adds. */
const MOST_BYTES = 250_000;

/** What requests say together, as a spec keeps it. */
export interface Aggregate {
  included_request_ids: string[];
  aggregated_changes: string[];
  aggregated_release_summary: string;
  all_related_record_ids: string[];
  worklog_record_ids?: string[];
}

function bytesOf({ summary, changes, related_record_ids, non_ui_config = "" }: DeployRequest): number {
  // The target of a deployment stands in a spec twice.
  return Buffer.byteLength(JSON.stringify([summary, changes, related_record_ids])) + 2 * non_ui_config.length + 40;
}

/** As many of the requests, from the first on, as one spec takes; at least one. */
export function firstThatFit(requests: readonly DeployRequest[]): DeployRequest[] {
  const taken: DeployRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    bytes += bytesOf(request);
    if (taken.length > 0 && (taken.length >= MOST_IN_A_SPEC || bytes > MOST_BYTES)) break;
    taken.push(request);
  }
  return taken;
}

const sortedUnion = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())].sort();

/** What several requests are together, in their order. */
export function aggregate(requests: readonly DeployRequest[]): Aggregate {
  const summaries = requests.map(({ summary }) => summary?.trim() ?? "").filter((summary) => summary !== "");
  const related = sortedUnion(requests.map(({ related_record_ids = [] }) => related_record_ids));
  // What one request may not write to another one may.
  const own = sortedUnion(
    requests.map(({ related_record_ids = [], foreign_record_ids = [] }) =>
      related_record_ids.filter((id) => !foreign_record_ids.includes(id)),
    ),
  );
  return {
    included_request_ids: requests.map(({ request_id }) => request_id),
    aggregated_changes: requests.flatMap(({ changes = [] }) => changes),
    aggregated_release_summary: summaries.join("; ") || "Automated deployment",
    all_related_record_ids: related,
    ...(own.length < related.length && { worklog_record_ids: own }),
  };
}

/** The requests of each type, the type of the oldest request first, so that none waits for ever behind another. */
export function byType(requests: readonly DeployRequest[], defaultType: string): Map<string, DeployRequest[]> {
  const groups = new Map<string, DeployRequest[]>();
  for (const request of requests) {
    const type = request.deployment_type ?? defaultType;
    const group = groups.get(type) ?? [];
    groups.set(type, group);
    group.push(request);
  }
  return groups;
}
