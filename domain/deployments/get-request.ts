import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { noRequest } from "./cancel-request.ts";
import { requestView } from "./request.ts";
import { readRequest } from "./request-store.ts";

/**
 * A request as answers show it.
 * @throws DomainError NOT_FOUND, also for one of a project that the caller may not see; INTERNAL_ERROR
 */
export async function getRequest(projectId: string, requestId: string, visible: VisibleProjects) {
  const request = isVisible(visible, projectId) ? await readRequest(projectId, requestId) : undefined;
  if (!request) throw noRequest(requestId);
  return requestView(request);
}
