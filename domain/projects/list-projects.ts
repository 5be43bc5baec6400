import { decodeCursor, encodeCursor } from "@enceladus/shared/cursor";
import { invalidInput } from "@enceladus/shared/errors";
import { daysSinceActive } from "./activity.ts";
import { isListed, isProjectId, type Project, type ProjectFilter, type ProjectView, viewOf } from "./project.ts";
import { queryRegistry, readProject } from "./project-store.ts";

/** A page where the caller sets no limit. The bytes keep an answer below what a function may send back. */
const DEFAULT_LIMIT = 1_000;
const MAX_BYTES = 5 * 1024 * 1024;
/** How many entries one request looks at, so that a filter that fits nothing does not read the registry whole. */
const MAX_EXAMINED = 20_000;

export interface ListedProject extends ProjectView {
  days_since_active: number | null;
}

/** Which part of the list is wanted. */
export interface ProjectPageRequest {
  /** How many projects; without it up to 1,000 of them or 5 MB. */
  limit?: number | undefined;
  /** From the page before, for the same filter. */
  cursor?: string | undefined;
  /** Whether to look up for each project since when it has been quiet. */
  withActivity: boolean;
}

export interface ProjectPage {
  projects: (ProjectView | ListedProject)[];
  /** Where the next page begins; undefined when nothing follows. */
  nextCursor: string | undefined;
}

/** Everything in the registry behind an id, read part by part as it is asked for. */
async function* registry(after: string | undefined, partSize: number | undefined): AsyncGenerator<Project> {
  let behind = after;
  do {
    const { projects, next } = await queryRegistry(behind, partSize);
    yield* projects;
    behind = next;
  } while (behind !== undefined);
}

/** What fits on a page, and the id that the next one begins behind. */
async function fill(
  candidates: AsyncIterable<Project>,
  filter: ProjectFilter,
  limit: number,
): Promise<{ page: Project[]; last: string | undefined }> {
  const page: Project[] = [];
  let bytes = 0;
  let examined = 0;
  let last: string | undefined;
  for await (const project of candidates) {
    if (examined === MAX_EXAMINED) return { page, last };
    if (isListed(project, filter)) {
      bytes += Buffer.byteLength(JSON.stringify(project));
      if (page.length === limit || (page.length > 0 && bytes > MAX_BYTES)) return { page, last };
      page.push(project);
    }
    examined += 1;
    last = project.project_id;
  }
  return { page, last: undefined };
}

async function addActivity(projects: readonly Project[]): Promise<ListedProject[]> {
  const days = await daysSinceActive(projects.map(({ project_id }) => project_id));
  return projects.map((project, index) => ({ ...viewOf(project), days_since_active: days[index] ?? null }));
}

function positionIn(cursor: string, filter: ProjectFilter): string {
  const { after } = decodeCursor(cursor, { list: "projects", ...filter });
  if (typeof after !== "string") throw invalidInput("Invalid pagination cursor.");
  return after;
}

/**
 * A page of the registry in the order of the ids (code units).
 * @throws DomainError INVALID_INPUT (the cursor), INTERNAL_ERROR (the registry cannot be read)
 */
export async function listProjects(filter: ProjectFilter, request: ProjectPageRequest): Promise<ProjectPage> {
  const { limit = DEFAULT_LIMIT, cursor, withActivity } = request;
  const after = cursor === undefined ? undefined : positionIn(cursor, filter);
  const filtered = filter.status !== undefined || filter.activeOnly;
  // One more than asked for tells whether anything follows.
  const candidates = registry(after, filtered ? undefined : limit + 1);
  const { page, last } = await fill(candidates, filter, limit);
  return {
    projects: withActivity ? await addActivity(page) : page.map(viewOf),
    nextCursor: last === undefined ? undefined : encodeCursor({ after: last }, { list: "projects", ...filter }),
  };
}

/**
 * One project as answers show it, or undefined.
 * @throws DomainError INTERNAL_ERROR (the registry cannot be read)
 */
export async function describeProject(projectId: string): Promise<ListedProject | undefined> {
  const project = isProjectId(projectId) ? await readProject(projectId) : undefined;
  const [described] = project ? await addActivity([project]) : [];
  return described;
}
