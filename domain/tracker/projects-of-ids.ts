import { DomainError } from "@enceladus/shared/errors";
import { type Project, projectByPrefix } from "../projects/index.ts";
import { parseItemId } from "./record.ts";

async function projectOf(prefix: string): Promise<Project | undefined> {
  const lookup = await projectByPrefix(prefix);
  if (lookup.kind === "unknown") {
    const { cause } = lookup;
    throw new DomainError("INTERNAL_ERROR", "Database read failed.", {}, { retryable: true, cause });
  }
  return lookup.kind === "found" ? lookup.project : undefined;
}

/**
 * Which projects ids belong to, by their prefixes; each prefix is looked up once, however many ids have it.
 * @returns the project of each id; undefined where none has its prefix, and for ids of another form than `ENC-TSK-086`
 * @throws DomainError INTERNAL_ERROR where that cannot be told
 */
export async function projectsOfIds(ids: readonly string[]): Promise<(id: string) => Project | undefined> {
  const prefixes = [...new Set(ids.flatMap((id) => parseItemId(id)?.prefix ?? []))];
  const projects = new Map(
    await Promise.all(prefixes.map(async (prefix) => [prefix, await projectOf(prefix)] as const)),
  );
  return (id) => projects.get(parseItemId(id)?.prefix ?? "");
}
