import * as z from "zod";
import type { ImportRecord } from "../../domain/tracker/import-format.ts";
import type { ApiClient } from "../api/client.ts";
import { inBatches } from "./batches.ts";
import type { Plan, PlannedRecord } from "./plan.ts";

const Outcome = z.object({
  external_id: z.string(),
  result: z.enum(["created", "updated", "unchanged", "failed"]),
  record_id: z.string().optional(),
  reason: z.string().optional(),
  warnings: z.array(z.string()).optional(),
});
const Answer = z.object({ records: z.array(Outcome) });

export type Outcome = z.output<typeof Outcome>;

const TASK_ID = /^[A-Z]{3}-TSK-\d+$/;

function withPrimaryTask(
  { record, primaryTask }: PlannedRecord,
  ids: ReadonlyMap<string, string>,
  lost: (name: string) => void,
): ImportRecord {
  if (primaryTask === undefined) return record;
  const primary_task = ids.get(primaryTask) ?? (TASK_ID.test(primaryTask) ? primaryTask : undefined);
  if (primary_task) return { ...record, attributes: { ...record.attributes, primary_task } };
  lost(record.external_id);
  return record;
}

/**
 * Sends a plan, call by call; safe to repeat.
 * @param progress hears how many records are through
 * @throws UserError when the API stays away; what was sent by then is there
 */
export async function sendPlan(
  client: ApiClient,
  project: string,
  plan: Plan,
  progress: (done: number) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ids = new Map<string, string>();
  for (const batch of inBatches(plan.records)) {
    const records = batch.map((planned) =>
      withPrimaryTask(planned, ids, (name) => plan.remarks.leftOut("primary tasks that are not in the file", name)),
    );
    const path = `/api/v1/tracker/${project}/imports`;
    const answer = Answer.parse(await client.call({ method: "POST", path, body: { records } }));
    for (const outcome of answer.records) if (outcome.record_id) ids.set(outcome.external_id, outcome.record_id);
    outcomes.push(...answer.records);
    progress(outcomes.length);
  }
  return outcomes;
}
