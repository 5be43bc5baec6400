import { DomainError, notFound } from "@enceladus/shared/errors";
import { getProject, type Project } from "../../domain/projects/index.ts";

function notRegistered(projectId: string): DomainError {
  return notFound(`Project '${projectId}' is not registered.`);
}

/**
 * Refuses a path into a project that does not exist. When the registry cannot be read the request passes: the record
 * itself will tell.
 * @throws DomainError NOT_FOUND
 */
export async function projectExists({ project }: { project: string }): Promise<void> {
  const lookup = await getProject(project);
  if (lookup.kind === "missing") throw notRegistered(project);
}

/**
 * The project, for operations that cannot do without it.
 * @throws DomainError NOT_FOUND (unknown, or without a prefix for ids), INTERNAL_ERROR
 */
export async function projectForCreation(projectId: string): Promise<Project> {
  const lookup = await getProject(projectId);
  if (lookup.kind === "missing") throw notRegistered(projectId);
  if (lookup.kind === "unknown") {
    throw new DomainError("INTERNAL_ERROR", "Database read failed.", {}, { retryable: true, cause: lookup.cause });
  }
  if (!/^[A-Z]{3}$/.test(lookup.project.prefix)) throw notFound(`Project '${projectId}' has no prefix.`);
  return lookup.project;
}
