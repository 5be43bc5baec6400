import type { Outcome } from "./put.ts";

const FAILURES = 50;
const EXAMPLES = 5;

function some(items: readonly string[]): string {
  const more = items.length > EXAMPLES ? ` and ${items.length - EXAMPLES} more` : "";
  return `${items.slice(0, EXAMPLES).join(", ")}${more}`;
}

function failureBlock(outcomes: readonly Outcome[]): string[] {
  const failed = outcomes.filter(({ result }) => result === "failed");
  if (failed.length === 0) return [];
  const shown = failed.slice(0, FAILURES).map(({ path, reason }) => `  ${path}: ${reason}`);
  const rest = failed.length - shown.length;
  return ["Failed:", ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function archivedBlock(outcomes: readonly Outcome[]): string[] {
  const archived = outcomes.filter(({ isArchived }) => isArchived).map(({ path }) => path);
  return archived.length > 0 ? ["Archived, and left so:", `  ${archived.length} x ${some(archived)}`] : [];
}

export interface Report {
  text: string;
  /** Whether all files are in. */
  complete: boolean;
}

/** What became of the files; without a time, what would become of them. */
export function putReport(outcomes: readonly Outcome[], seconds: number | undefined): Report {
  const count = (result: Outcome["result"]) => outcomes.filter((outcome) => outcome.result === result).length;
  const [created, updated, unchanged, failed] = (["created", "updated", "unchanged", "failed"] as const).map(count);
  const counts = `created ${created}, updated ${updated}, unchanged ${unchanged}, failed ${failed}`;
  const head =
    seconds === undefined ? `Nothing is written. Would be: ${counts}` : `${counts} in ${seconds.toFixed(1)} s`;
  return { text: [head, ...archivedBlock(outcomes), ...failureBlock(outcomes)].join("\n"), complete: failed === 0 };
}
