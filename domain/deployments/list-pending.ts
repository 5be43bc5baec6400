import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { DeployRequest } from "./request.ts";
import { pendingRequests } from "./request-store.ts";

const SHOWN = [
  "request_id",
  "status",
  "change_type",
  "deployment_type",
  "summary",
  "submitted_at",
  "submitted_by",
] as const satisfies (keyof DeployRequest)[];

/** A pending request as the list shows it. */
export type PendingRequest = Pick<DeployRequest, (typeof SHOWN)[number] | "blocked_reason">;

function shown(request: DeployRequest): PendingRequest {
  const { request_id, status, change_type, deployment_type, summary, submitted_at, submitted_by } = request;
  const { blocked_reason } = request;
  return {
    request_id,
    status,
    change_type,
    ...(deployment_type !== undefined && { deployment_type }),
    summary,
    submitted_at,
    submitted_by,
    ...(blocked_reason !== undefined && { blocked_reason }),
  };
}

/**
 * The requests of a project that wait to be deployed, the oldest first; none of a project that the caller may not see.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listPending(
  projectId: string,
  request: ListRequest,
  visible: VisibleProjects,
): Promise<CollectedPage<PendingRequest>> {
  const attributes = [...SHOWN, "blocked_reason"];
  return collectPage<DeployRequest, PendingRequest>(request, {
    rows: (start) => {
      if (!isVisible(visible, projectId)) return [];
      const after = start && { submitted_at: String(start.submitted_at), request_id: String(start.request_id) };
      return pendingRequests(projectId, { after, attributes });
    },
    shown,
    position: ({ submitted_at, request_id }) => ({ submitted_at, request_id }),
    isPosition: ({ submitted_at, request_id }) => typeof submitted_at === "string" && typeof request_id === "string",
    scope: ["deploy-pending", projectId],
  });
}
