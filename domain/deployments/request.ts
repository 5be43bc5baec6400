import type { ChangeType } from "./deployment-type.ts";

/**
 * Where a request stands: `pending` until a spec includes it (`included`, for good once that is deployed), `rejected` if
 * it turns out to be invalid, `failed` after too many builds, `cancelled` by whoever took it back.
 */
export type RequestStatus = "pending" | "included" | "rejected" | "failed" | "cancelled";

/** A request to deploy something, as it is stored. */
export interface DeployRequest {
  project_id: string;
  /** `request#` and the request's id. */
  record_id: string;
  record_type: "request";
  request_id: string;
  status: RequestStatus;
  submitted_at: string;
  /** What the caller says it is; a claim. */
  submitted_by: string;
  /** Who the credential says it is. Absent on rows of older writers. */
  submitted_by_principal?: string;
  change_type: ChangeType;
  /** Any text: rows of other writers may have one that nobody knows. Absent: the default type. */
  deployment_type?: string;
  summary: string;
  changes: string[];
  related_record_ids: string[];
  /** Those of the related records that the submitter may not see: nothing is written to them on its behalf. */
  foreign_record_ids?: string[];
  files_changed?: string[];
  pre_deploy_hooks?: string[];
  /** JSON text. */
  non_ui_config?: string;
  /** JSON text. */
  pre_deploy_results?: string;
  /** JSON text. */
  github_config?: string;
  source_key?: string;
  /** The spec that includes it. */
  spec_id?: string;
  /** The spec that included it before it was set back. */
  last_spec_id?: string;
  /** `<submitted_at>#<request_id>`; there exactly while the request is pending. */
  pending_key?: string;
  /** How often a spec has included it. */
  attempt_count?: number;
  deploy_id?: string;
  completed_at?: string;
  rejection_reason?: string;
  /** Why it was passed over the last time; gone once a spec includes it. */
  blocked_reason?: string;
  blocked_at?: string;
  cancelled_by?: string;
}

/** Where a pending request stands in the order in which requests are taken: by time, ties by id. */
export function pendingKey({ submitted_at, request_id }: Pick<DeployRequest, "submitted_at" | "request_id">): string {
  return `${submitted_at}#${request_id}`;
}

/** A request as answers show it: without the keys of the table, and what is JSON as what it says. */
export function requestView(request: DeployRequest): Record<string, unknown> {
  const { record_id: _, record_type: __, pending_key: ___, foreign_record_ids: ____, ...shown } = request;
  const json = (text: string | undefined) => (text === undefined ? undefined : parsedOr(text));
  return {
    ...shown,
    ...(shown.non_ui_config && { non_ui_config: json(shown.non_ui_config) }),
    ...(shown.pre_deploy_results && { pre_deploy_results: json(shown.pre_deploy_results) }),
    ...(shown.github_config && { github_config: json(shown.github_config) }),
  };
}

/** What a text of JSON says; a text that is none comes back as it is. */
export function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
