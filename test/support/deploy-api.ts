import type { HttpHandler } from "@enceladus/middleware/http-function";
import { handler } from "../../functions/deploy-intake/handler.ts";
import { operations } from "../../functions/deploy-intake/operations.ts";
import { type Answer, callFunction } from "./call-function.ts";
import { declaredAnswers } from "./declared-answer.ts";
import { putDeployRow } from "./deploy-rows.ts";
import { signIn } from "./services.ts";

/** Everything that an answer about deployments may hold; what an error says stands at its top level too. */
export interface DeployBody {
  success: boolean;
  request_id: string;
  spec_id: string;
  project_state: string;
  queued_paused: boolean;
  message: string;
  pre_deploy_results: { hook: string; success: boolean; status_code: number; result: Record<string, unknown> }[];
  requests: { request_id: string; [field: string]: unknown }[];
  deployments: { deploy_id: string; [field: string]: unknown }[];
  next_cursor?: string;
  pending_requests_triggered?: number;
  error: string;
  error_envelope: { code: string; message: string; retryable: boolean; details: Record<string, unknown> };
  [field: string]: unknown;
}

export type DeployAnswer = Answer<DeployBody>;

export interface DeployCall {
  query?: Readonly<Record<string, string>>;
  /** Beside the cookie of a signed-in person, or in place of it. */
  headers?: Readonly<Record<string, string>>;
  as?: "person" | "nobody";
}

const checkDeclared = declaredAnswers(operations);

/** Calls the intake of deployments; the path begins behind `/api/v1/deploy`. What it answers must be what it declares. */
export async function deploy(
  method: string,
  path: string,
  body?: unknown,
  { query, headers, as = "person" }: DeployCall = {},
  via: HttpHandler = handler,
): Promise<DeployAnswer> {
  const answer = await callFunction<DeployBody>(via, {
    method,
    path: `/api/v1/deploy${path}`,
    headers: { ...(as === "person" && { cookie: signIn() }), ...headers },
    ...(query && { query }),
    ...(body !== undefined && { body }),
  });
  checkDeclared(method, `/deploy${path}`, answer);
  return answer;
}

/** The least that a request says beside its project. */
export const LEAST_REQUEST = { change_type: "patch", summary: "Make it better" };

/** Submits a request, whatever comes of it. */
export function postRequest(projectId: string, fields: object = {}, call: DeployCall = {}): Promise<DeployAnswer> {
  return deploy("POST", "/submit", { project_id: projectId, ...LEAST_REQUEST, ...fields }, call);
}

/** Submits a request that has to be taken. */
export async function submit(projectId: string, fields: object = {}, call: DeployCall = {}): Promise<DeployBody> {
  const answer = await postRequest(projectId, fields, call);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

/** Sets the state of a project, whatever comes of it. */
export function patchState(projectId: string, body: unknown, call: DeployCall = {}): Promise<DeployAnswer> {
  return deploy("PATCH", `/state/${projectId}`, body, call);
}

/** Leaves a spec behind as the orchestrator does. @returns its id */
export async function putSpec(projectId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const spec_id = "SPEC-20260101T120000Z";
  await putDeployRow({
    project_id: projectId,
    record_id: `spec#${spec_id}`,
    record_type: "spec",
    spec_id,
    status: "building",
    created_at: "2026-01-01T12:00:00Z",
    deployment_type: "github_public_static",
    deployment_category: "ui",
    included_request_ids: ["REQ-20260101T115900Z-0a1b2c"],
    aggregated_changes: [],
    aggregated_release_summary: "Make it better",
    all_related_record_ids: [],
    integration_analysis: JSON.stringify({ status: "pass", file_overlaps: [], warnings: [] }),
    open_spec: "open",
    ...fields,
  });
  return spec_id;
}
