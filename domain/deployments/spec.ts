import type { ChangeType } from "./deployment-type.ts";
import { parsedOr } from "./request.ts";

/**
 * Where a spec stands. `queued_non_ui` is a record and no more: whoever carries it out is not part of this. `cancelled`
 * is known to clients; nothing here writes it.
 */
export type SpecStatus = "building" | "deployed" | "failed" | "queued_non_ui" | "cancelled";

/** The statuses that a waiting client need not wait beyond. */
export const TERMINAL_SPEC_STATUSES: readonly SpecStatus[] = ["deployed", "failed", "cancelled"];

/** What several requests become together. */
interface SpecFields {
  project_id: string;
  /** `spec#` and the spec's id. */
  record_id: string;
  record_type: "spec";
  spec_id: string;
  created_at: string;
  deployment_type: string;
  included_request_ids: string[];
  aggregated_changes: string[];
  aggregated_release_summary: string;
  all_related_record_ids: string[];
  /** The related records that are written to afterwards, where those are not all of them. */
  worklog_record_ids?: string[];
  /** JSON text of an `IntegrationAnalysis`. */
  integration_analysis: string;
}

/** What the builder builds. */
export interface UiSpec extends SpecFields {
  deployment_category: "ui";
  status: "building" | "deployed" | "failed";
  previous_version: string;
  resolved_version: string;
  resolved_change_type: ChangeType;
  /** `<bucket>/<key>` of the archive that is built; absent where there was none. */
  source_key?: string;
  /** `<project>:<uuid>`. */
  codebuild_build_id?: string;
  completed_at?: string;
  error_message?: string;
  deploy_id?: string;
  /** There until the build is over and all that follows from it is done. */
  open_spec?: string;
}

/** What is handed over to somebody else. */
export interface NonUiSpec extends SpecFields {
  deployment_category: "non_ui";
  status: "queued_non_ui";
  non_ui_service_group: string;
  /** JSON text, `{"targets":[...]}`. */
  non_ui_targets: string;
  non_ui_target_arns: string[];
}

export type DeploySpec = UiSpec | NonUiSpec;

/** A spec as answers show it: without the keys of the table, and what is JSON as what it says. */
export function specView(spec: DeploySpec): Record<string, unknown> {
  const { record_id: _, record_type: __, ...rest } = spec;
  const { open_spec: ___, ...shown } = rest as Record<string, unknown>;
  const parsed = Object.entries(shown)
    .filter(([name, value]) => ["integration_analysis", "non_ui_targets"].includes(name) && typeof value === "string")
    .map(([name, value]) => [name, parsedOr(String(value))]);
  return { ...shown, ...Object.fromEntries(parsed) };
}

/** A deployment that took place. */
export interface DeployRecord {
  project_id: string;
  /** `deploy#` and the deployment's id. */
  record_id: string;
  record_type: "deploy";
  deploy_id: string;
  spec_id: string;
  version: string;
  previous_version: string;
  change_type: ChangeType;
  release_summary: string;
  changes: string[];
  included_request_ids: string[];
  related_record_ids: string[];
  /** As the builder's event names it. */
  codebuild_build_id: string;
  deployed_at: string;
  duration_seconds: number;
}

/** A deployment as answers show it: without the keys of the table. */
export function deployView(deployment: DeployRecord): Record<string, unknown> {
  const { record_id: _, record_type: __, ...shown } = deployment;
  return shown;
}
