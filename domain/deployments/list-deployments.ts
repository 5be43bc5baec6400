import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import { type DeployRecord, deployView } from "./spec.ts";
import { deploymentsOf } from "./spec-store.ts";

/**
 * The deployments of a project, the latest first; none of a project that the caller may not see.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listDeployments(
  projectId: string,
  request: ListRequest,
  visible: VisibleProjects,
): Promise<CollectedPage<Record<string, unknown>>> {
  return collectPage<DeployRecord, Record<string, unknown>>(request, {
    rows: (start, wanted) =>
      isVisible(visible, projectId)
        ? deploymentsOf(projectId, start === undefined ? undefined : String(start.deploy_id), wanted)
        : [],
    shown: deployView,
    position: ({ deploy_id }) => ({ deploy_id }),
    isPosition: ({ deploy_id }) => typeof deploy_id === "string" && deploy_id !== "",
    scope: ["deploy-history", projectId],
  });
}
