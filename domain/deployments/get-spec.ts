import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { notFound } from "@enceladus/shared/errors";
import { specView } from "./spec.ts";
import { readSpec } from "./spec-store.ts";

/**
 * A spec as answers show it.
 * @throws DomainError NOT_FOUND, also for one of a project that the caller may not see; INTERNAL_ERROR
 */
export async function getSpec(projectId: string, specId: string, visible: VisibleProjects) {
  const spec = isVisible(visible, projectId) ? await readSpec(projectId, specId) : undefined;
  if (!spec) throw notFound(`Spec '${specId}' not found.`);
  return specView(spec);
}
