/** Every status that a project may have in the registry; `closed` and `archived` are set by operators. */
export const PROJECT_STATUSES = ["planning", "development", "active_production", "closed", "archived"] as const;

/** The statuses that a project may begin with. */
export const FIRST_STATUSES = ["planning", "development", "active_production"] as const;

const NO_LONGER_ACTIVE: readonly string[] = ["closed", "archived"];

/** What every project has. Attributes that this code knows nothing of (`doc_prep_config`) pass through. */
interface ProjectFields {
  project_id: string;
  /** Three capital letters; record ids begin with it. */
  prefix: string;
  /** Where the project's sources lie in an old mono-repository; deprecated, still answered. */
  path: string;
  summary: string;
  status: string;
  created_at: string;
  updated_at: string;
  created_by: string;
  [attribute: string]: unknown;
}

/** A project as the registry keeps it. */
export interface Project extends ProjectFields {
  parent?: string;
  repo?: string;
}

/** A project as answers show it. */
export interface ProjectView extends ProjectFields {
  parent: string | null;
  repo: string | null;
}

export const PROJECT_ID_PATTERN = /^[a-z][a-z0-9_-]{0,49}$/;
export const PREFIX_PATTERN = /^[A-Z]{3}$/;

/** Whether a text has the form of a project id. Anything else cannot be in the registry. */
export function isProjectId(text: string): boolean {
  return PROJECT_ID_PATTERN.test(text);
}

/** Whether a text has the form of a prefix. A project with another one is misconfigured. */
export function isPrefix(text: string): boolean {
  return PREFIX_PATTERN.test(text);
}

/** The project with every attribute that answers promise: a missing parent or repository is null. */
export function viewOf(project: Project): ProjectView {
  return { ...project, parent: project.parent ?? null, repo: project.repo ?? null };
}

/** Which projects a list shows. A status wins over `activeOnly`; an unknown status matches nothing. */
export interface ProjectFilter {
  status?: string | undefined;
  activeOnly: boolean;
}

/** Whether a list with this filter shows the project. */
export function isListed(project: Project, filter: ProjectFilter): boolean {
  if (filter.status !== undefined) return project.status === filter.status;
  return !filter.activeOnly || !NO_LONGER_ACTIVE.includes(project.status);
}
