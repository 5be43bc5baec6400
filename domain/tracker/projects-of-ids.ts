import type { VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import pLimit from "p-limit";
import { getProject, type Project, type ProjectLookup, projectByPrefix } from "../projects/index.ts";
import { parseItemId } from "./record.ts";

const AT_ONCE = 10;

function found(lookup: ProjectLookup): Project | undefined {
  if (lookup.kind === "unknown") {
    const { cause } = lookup;
    throw new DomainError("INTERNAL_ERROR", "Database read failed.", {}, { retryable: true, cause });
  }
  return lookup.kind === "found" ? lookup.project : undefined;
}

type ByPrefix = (prefix: string) => Promise<Project | undefined>;

/**
 * Looks only among the projects that the caller may see, and at all of them: a prefix of another project is looked for
 * just as one that nobody has.
 */
async function amongVisible(projectIds: readonly string[]): Promise<ByPrefix> {
  const limit = pLimit(AT_ONCE);
  const lookups = await Promise.all(projectIds.map((projectId) => limit(getProject, projectId)));
  const projects = lookups.map(found);
  return async (prefix) => projects.find((project) => project?.prefix === prefix);
}

const amongAll: ByPrefix = async (prefix) => found(await projectByPrefix(prefix));

/**
 * Which projects ids belong to, by their prefixes; each prefix is looked up once, however many ids have it.
 * @param visible the projects that there are for the caller
 * @returns the project of each id; undefined where none has its prefix, and for ids of another form than `ENC-TSK-086`
 * @throws DomainError INTERNAL_ERROR where that cannot be told
 */
export async function projectsOfIds(
  ids: readonly string[],
  visible: VisibleProjects,
): Promise<(id: string) => Project | undefined> {
  const prefixes = [...new Set(ids.flatMap((id) => parseItemId(id)?.prefix ?? []))];
  if (prefixes.length === 0) return () => undefined;
  const byPrefix = visible === "all" ? amongAll : await amongVisible(visible);
  const projects = new Map(
    await Promise.all(prefixes.map(async (prefix) => [prefix, await byPrefix(prefix)] as const)),
  );
  return (id) => projects.get(parseItemId(id)?.prefix ?? "");
}
