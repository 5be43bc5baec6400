import { listFields } from "@enceladus/middleware/list-fields";
import { clampedLimit } from "@enceladus/middleware/page-limit";
import * as z from "zod";

/** Who may call, and how: the rights differ. */
export const DEPLOY = { tag: "deployments", auth: ["cookie", "internal-key", "agent-key"] } as const;

const projectId = z.string().regex(/^[a-z0-9_-]{1,255}$/);

export const projectParams = z.object({ projectId });
export const specParams = z.object({ specId: z.string().regex(/^[A-Z0-9_-]{1,128}$/) });
export const requestParams = z.object({ requestId: z.string().regex(/^[A-Za-z0-9-]{1,128}$/) });

/** Ids of requests and specs are those of a project. */
export const ofProject = z.object({
  project: z.string().max(255).optional().meta({ description: "The project that it is in; required" }),
});

/** Which page of a list, and how much of each entry. */
export function page(otherwise: number, most: number, always: string) {
  return z.object({
    limit: clampedLimit(otherwise, most),
    cursor: z.string().min(1).max(4_096).optional(),
    fields: listFields(always),
  });
}

export function success<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ success: z.literal(true), ...shape });
}

const text = z.string();
const texts = z.array(text);
const state = z.enum(["ACTIVE", "PAUSED"]);
const deploymentType = text.meta({ description: "One of docs/deployments.md" });

/** What a state says, wherever it is answered. */
const stateFields = {
  project_id: text,
  state,
  updated_at: text.nullable(),
  updated_by: text,
  reason: text.nullable(),
  paused_since: text.nullable().optional(),
};

export const stateAnswer = success(stateFields);

export const stateSetAnswer = success({
  ...stateFields,
  message: text,
  pending_requests_triggered: z
    .number()
    .int()
    .optional()
    .meta({ description: "How many were pending when the project was activated; absent where nothing was triggered" }),
});

const hookResults = z.array(
  z.object({ hook: text, success: z.boolean(), status_code: z.number().int(), result: z.unknown() }),
);

export const submittedAnswer = success({
  request_id: text,
  deployment_type: deploymentType,
  project_state: state,
  queued_paused: z.boolean().meta({ description: "Whether it waits because the project is paused" }),
  message: text,
  pre_deploy_results: hookResults,
});

export const triggeredAnswer = success({
  project_id: text,
  project_state: state,
  triggered: z.boolean(),
  queued_paused: z.boolean(),
  message_id: text.optional(),
  triggered_at: text.optional(),
  message: text.optional(),
});

const pendingRequest = z.object({
  request_id: text,
  status: z.literal("pending"),
  change_type: text,
  deployment_type: deploymentType.optional(),
  summary: text,
  submitted_at: text,
  submitted_by: text,
  blocked_reason: text.optional().meta({ description: "Why it was passed over the last time" }),
});

export const pendingAnswer = success({
  project_id: text,
  count: z.number().int().meta({ description: "How many are on this page" }),
  requests: z.array(pendingRequest.partial().required({ request_id: true })),
  next_cursor: text.optional(),
});

export const requestAnswer = z.looseObject({
  success: z.literal(true),
  project_id: text,
  request_id: text,
  status: z.enum(["pending", "included", "rejected", "failed", "cancelled"]),
  submitted_at: text,
  submitted_by: text.meta({ description: "What the caller said it is" }),
  submitted_by_principal: text.optional().meta({ description: "Who it was, by the credential" }),
  change_type: text,
  deployment_type: deploymentType.optional(),
  summary: text,
  changes: texts,
  related_record_ids: texts,
  spec_id: text.optional(),
  deploy_id: text.optional(),
  rejection_reason: text.optional(),
  blocked_reason: text.optional(),
});

export const cancelledAnswer = success({
  project_id: text,
  request_id: text,
  status: z.literal("cancelled"),
  cancelled_by: text,
  completed_at: text,
});

export const specAnswer = z.looseObject({
  success: z.literal(true),
  project_id: text,
  spec_id: text,
  status: z.enum(["building", "deployed", "failed", "queued_non_ui", "cancelled"]),
  created_at: text,
  deployment_type: deploymentType,
  deployment_category: z.enum(["ui", "non_ui"]),
  included_request_ids: texts,
  integration_analysis: z.unknown(),
  previous_version: text.optional(),
  resolved_version: text.optional(),
  codebuild_build_id: text.optional(),
  completed_at: text.optional(),
  error_message: text.optional(),
});

const deployment = z.looseObject({
  deploy_id: text,
  spec_id: text,
  version: text,
  previous_version: text,
  change_type: text,
  release_summary: text,
  deployed_at: text,
  duration_seconds: z.number().int(),
});

export const historyAnswer = success({
  project_id: text,
  deployments: z.array(deployment.partial().required({ deploy_id: true })),
  next_cursor: text.optional(),
});
