import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { getProject } from "../projects/index.ts";

/** What is said of a project that does not exist, and of one that the caller may not see. */
export function notRegistered(projectId: string): DomainError {
  return notFound(`Project '${projectId}' is not registered.`);
}

/**
 * Whether a project is in the registry.
 * @throws DomainError UNAVAILABLE where that cannot be told: nothing is deployed on a guess
 */
export async function isRegistered(projectId: string): Promise<boolean> {
  const lookup = await getProject(projectId);
  if (lookup.kind !== "unknown") return lookup.kind === "found";
  const { cause } = lookup;
  throw new DomainError("UNAVAILABLE", "The registry of projects cannot be read.", {}, { retryAfterSeconds: 1, cause });
}

/** @throws DomainError NOT_FOUND, without a look at a project that the caller may not see; UNAVAILABLE */
export async function requireProject(projectId: string, visible: VisibleProjects): Promise<void> {
  if (!isVisible(visible, projectId) || !(await isRegistered(projectId))) throw notRegistered(projectId);
}
