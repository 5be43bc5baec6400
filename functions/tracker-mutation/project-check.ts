import type { ProjectRule } from "@enceladus/middleware/operation";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { getProject, type Project } from "../../domain/projects/index.ts";

function notRegistered(projectId: string): DomainError {
  return notFound(`Project '${projectId}' is not registered.`);
}

/**
 * The project in the path has to exist. When the registry cannot be read the request passes: the record itself will
 * tell.
 */
export const existingProject: ProjectRule<{ project: string }> = {
  of: ({ project }) => project,
  exists: async (projectId) => (await getProject(projectId)).kind !== "missing",
  refusal: notRegistered,
};

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
