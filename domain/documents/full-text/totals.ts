import type { Contribution } from "./contribution.ts";
import { STATUSES, type Status } from "./posting.ts";

/** How many documents of a project are in the index, and how many words they have together. */
export interface Totals {
  documents: number;
  length: number;
}

/** The totals of a project as its row keeps them. */
export type TotalsRow = Partial<Record<`${Status}_${keyof Totals}`, number>>;

/** The totals of the documents with one of the statuses. */
export function totalsIn(row: TotalsRow | undefined, statuses: readonly Status[]): Totals {
  const sum = (what: keyof Totals) => statuses.reduce((total, status) => total + (row?.[`${status}_${what}`] ?? 0), 0);
  return { documents: sum("documents"), length: sum("length") };
}

/** By how much the totals of projects change, by project, when a document contributes something else than before. */
export function totalsChange(
  before: Contribution | undefined,
  after: Contribution | undefined,
): Map<string, Required<TotalsRow>> {
  const changes = new Map<string, Required<TotalsRow>>();
  const add = (contribution: Contribution | undefined, sign: 1 | -1) => {
    if (!contribution) return;
    const { projectId, status, length } = contribution;
    const change = changes.get(projectId) ?? {
      active_documents: 0,
      active_length: 0,
      archived_documents: 0,
      archived_length: 0,
    };
    change[`${status}_documents`] += sign;
    change[`${status}_length`] += sign * length;
    changes.set(projectId, change);
  };
  add(before, -1);
  add(after, 1);
  for (const [projectId, change] of changes) {
    const isNone = STATUSES.every((status) => !change[`${status}_documents`] && !change[`${status}_length`]);
    if (isNone) changes.delete(projectId);
  }
  return changes;
}
