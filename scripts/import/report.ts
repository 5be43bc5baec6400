import type { Plan, PlannedRecord, Refusal } from "./plan.ts";
import type { Remark } from "./remarks.ts";
import type { Outcome } from "./send.ts";

const EXAMPLES = 5;
const FAILURES = 50;

function some(items: readonly string[]): string {
  const more = items.length > EXAMPLES ? ` and ${items.length - EXAMPLES} more` : "";
  return `${items.slice(0, EXAMPLES).join(", ")}${more}`;
}

function block(title: string, remarks: readonly Remark[]): string[] {
  if (remarks.length === 0) return [];
  return [`${title}:`, ...remarks.map(({ what, examples }) => `  ${examples.length} x ${what}: ${some(examples)}`)];
}

/** Names that edges lead to and that no record of the file has: they wait until somebody brings those. */
function waitingBlock(records: readonly PlannedRecord[]): string[] {
  const here = new Set(records.map(({ record }) => record.external_id));
  const elsewhere = records.flatMap(({ record, imported }) =>
    imported.edges
      .filter(({ external_id, in_another_project }) => !in_another_project && !here.has(external_id))
      .map(({ kind, external_id }) => `${record.external_id} ${kind} ${external_id}`),
  );
  if (elsewhere.length === 0) return [];
  return [
    `To records outside this file (joined as soon as those are there):`,
    `  ${elsewhere.length} x ${some(elsewhere)}`,
  ];
}

function failureBlock(failures: readonly Refusal[]): string[] {
  if (failures.length === 0) return [];
  const shown = failures.slice(0, FAILURES).map(({ external_id, reason }) => `  ${external_id}: ${reason}`);
  const rest = failures.length - shown.length;
  return ["Failed:", ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

/** What the API left out of records that it took: dependencies that would have closed a cycle. */
function leftOutBlock(outcomes: readonly Outcome[]): string[] {
  const leftOut = outcomes.flatMap(({ external_id, warnings = [] }) =>
    warnings.map((warning) => `  1 x ${external_id}: ${warning}`),
  );
  if (leftOut.length === 0) return [];
  const rest = leftOut.length - FAILURES;
  return ["Left out:", ...leftOut.slice(0, FAILURES), ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function inWords(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
}

function countBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** What the file comes down to, before anything is written. */
export function planReport(plan: Plan): string {
  const { records, refused, remarks } = plan;
  const edges = records.flatMap(({ imported }) => imported.edges);
  const types = ["task", "issue", "feature"].flatMap((type) => {
    const ofType = records.filter(({ record }) => record.type === type);
    if (ofType.length === 0) return [];
    return [`  ${ofType.length} ${type}s: ${inWords(countBy(ofType, ({ imported }) => imported.attributes.status))}`];
  });
  return [
    `${records.length} records can be imported:`,
    ...types,
    ...(edges.length > 0 ? [`  ${edges.length} dependencies: ${inWords(countBy(edges, ({ kind }) => kind))}`] : []),
    ...waitingBlock(records),
    ...block("Comes in as something else", remarks.altered),
    ...block("Not taken over", remarks.lost),
    ...failureBlock(refused),
  ].join("\n");
}

export interface Result {
  text: string;
  /** Whether all of it is in. */
  complete: boolean;
}

/** What became of the file. */
export function importReport(plan: Plan, outcomes: readonly Outcome[], seconds: number): Result {
  const { records, refused, remarks } = plan;
  const count = (result: Outcome["result"]) => outcomes.filter((outcome) => outcome.result === result).length;
  const failed = outcomes
    .filter(({ result }) => result === "failed")
    .map(({ external_id, reason = "no reason given" }) => ({ external_id, reason }));
  const failures = [...refused, ...failed];
  const text = [
    `created ${count("created")}, updated ${count("updated")}, unchanged ${count("unchanged")}, ` +
      `failed ${failures.length} in ${seconds.toFixed(1)} s`,
    ...waitingBlock(records),
    ...block("Came in as something else", remarks.altered),
    ...block("Not taken over", remarks.lost),
    ...leftOutBlock(outcomes),
    ...failureBlock(failures),
  ].join("\n");
  return { text, complete: failures.length === 0 };
}
