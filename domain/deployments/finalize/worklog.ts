import { firstCharacters } from "@enceladus/shared/text";
import pLimit from "p-limit";
import { logDeployment } from "../../tracker/index.ts";
import { settings } from "../settings.ts";
import type { UiSpec } from "../spec.ts";

const AT_ONCE = 10;
const MOST = 500;

/** What is noted on the records that a deployment is about. */
export function worklogText(spec: UiSpec): string {
  const version = spec.resolved_version ?? "?";
  const text = `${settings.worklogPrefix()} v${version} deployed — ${spec.aggregated_release_summary} (spec: ${spec.spec_id})`;
  const cut = firstCharacters(text, MOST);
  return cut === text ? text : `${firstCharacters(text, MOST - 3)}...`;
}

/** How many records were told of a deployment, and how many there were none of. */
export interface Told {
  logged: number;
  skipped: number;
}

/**
 * Notes a deployment on every record that it is about, on each once however often it is repeated.
 * @throws the first failure, after all records had their turn
 */
export async function logOnRecords(spec: UiSpec): Promise<Told> {
  const description = worklogText(spec);
  const ids = spec.worklog_record_ids ?? spec.all_related_record_ids ?? [];
  const limit = pLimit(AT_ONCE);
  const once = (itemId: string) => `deployment#${spec.project_id}#${spec.spec_id}#${itemId}`;
  const results = await Promise.allSettled(
    [...new Set(ids)].map((itemId) => limit(() => logDeployment(itemId, description, once(itemId)))),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  const logged = results.filter((result) => result.status === "fulfilled" && result.value).length;
  return { logged, skipped: results.length - logged };
}
