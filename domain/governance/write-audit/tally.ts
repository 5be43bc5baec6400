import { recordLink } from "./record-link.ts";
import type { Violation } from "./violation.ts";

/** What a summary needs of a violation. */
export type Summarised = Pick<Violation, "violation_id" | "event_time" | "result" | "project_id"> & {
  details: Pick<Violation["details"], "record_id" | "record_type" | "channel">;
};

/** Violations counted in groups, and the first of them. */
export interface Tally {
  count: number;
  byType: Map<string, number>;
  byProject: Map<string, number>;
  byChannel: Map<string, number>;
  first: Summarised[];
}

const FIRST = 10;
/** Names come from whoever wrote the rows: there may be as many as rows, and a message has an end. */
const MOST_GROUPS = 30;
const OTHERS = "(others)";

export function newTally(): Tally {
  return { count: 0, byType: new Map(), byProject: new Map(), byChannel: new Map(), first: [] };
}

function countIn(groups: Map<string, number>, name: string): void {
  const group = groups.has(name) || groups.size < MOST_GROUPS ? name : OTHERS;
  groups.set(group, (groups.get(group) ?? 0) + 1);
}

/** Counts violations in addition to those that are counted already. */
export function tally(into: Tally, violations: readonly Summarised[]): Tally {
  for (const violation of violations) {
    into.count += 1;
    countIn(into.byType, violation.result);
    countIn(into.byProject, violation.project_id || "(none)");
    countIn(into.byChannel, violation.details.channel || "(none)");
    if (into.first.length < FIRST) into.first.push(violation);
  }
  return into;
}

function mostFirst(groups: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...groups].sort(([, left], [, right]) => right - left));
}

/** A tally as a message shows it. */
export function shown({ count, byType, byProject, byChannel, first }: Tally) {
  return {
    count,
    by_type: mostFirst(byType),
    by_project: mostFirst(byProject),
    by_channel: mostFirst(byChannel),
    first_records: first.map(({ violation_id, event_time, result, project_id, details }) => ({
      record_id: details.record_id,
      project_id: project_id || "unknown",
      anomaly_type: result,
      link: recordLink(project_id, details.record_type, details.record_id),
      detected_at: event_time,
      violation_id,
    })),
  };
}
