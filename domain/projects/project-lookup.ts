import { isPrefix, isProjectId, type Project } from "./project.ts";
import { queryByPrefix, readProject } from "./project-store.ts";

/** What is known of a project. What `unknown` (the registry cannot be read) means is decided by the caller. */
export type ProjectLookup =
  | { kind: "found"; project: Project }
  | { kind: "missing" }
  | { kind: "unknown"; cause: unknown };

const CACHE_MS = 300_000;

type Cache = Map<string, { project: Project; until: number }>;

const byId: Cache = new Map();
const byPrefix: Cache = new Map();

/** Only what was found is kept: a project that is created now must be there at the next look. */
async function cached(
  cache: Cache,
  key: string,
  read: (key: string) => Promise<Project | undefined>,
): Promise<ProjectLookup> {
  const known = cache.get(key);
  if (known && known.until > Date.now()) return { kind: "found", project: known.project };
  try {
    const project = await read(key);
    if (!project) return { kind: "missing" };
    cache.set(key, { project, until: Date.now() + CACHE_MS });
    return { kind: "found", project };
  } catch (cause) {
    return { kind: "unknown", cause };
  }
}

/**
 * Looks a project up by its id: one consistent read, a hit is kept for 300 s in this container. Never throws.
 * @param projectId any text; one that cannot be a project id is missing without a look
 */
export async function getProject(projectId: string): Promise<ProjectLookup> {
  if (!isProjectId(projectId)) return { kind: "missing" };
  return cached(byId, projectId, readProject);
}

/**
 * Looks up the project that owns a prefix: one query, a hit is kept for 300 s in this container. Never throws.
 * @param prefix any text; one that is not three capital letters is missing without a look
 */
export async function projectByPrefix(prefix: string): Promise<ProjectLookup> {
  if (!isPrefix(prefix)) return { kind: "missing" };
  return cached(byPrefix, prefix, queryByPrefix);
}

/** Empties the caches, for tests that begin with a fresh container. */
export function forgetProjects(): void {
  byId.clear();
  byPrefix.clear();
}
