/** Every status that a project may have in the registry; `closed` and `archived` are set by operators. */
export const PROJECT_STATUSES = ["planning", "development", "active_production", "closed", "archived"] as const;

/**
 * A project as the registry keeps it. Attributes that this code knows nothing of (`doc_prep_config`, what operators
 * add) pass through.
 */
export interface Project {
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
  parent?: string;
  repo?: string;
  [attribute: string]: unknown;
}

/** Whether a text has the form of a project id. Anything else cannot be in the registry. */
export function isProjectId(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,49}$/.test(text);
}

/** Whether a text has the form of a prefix. A project with another one is misconfigured. */
export function isPrefix(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}
