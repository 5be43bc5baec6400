import { type ProjectLookup, projectByPrefix } from "../projects/index.ts";
import { parseItemId } from "./record.ts";

const MISSING: ProjectLookup = { kind: "missing" };

/**
 * Which projects ids belong to, by their prefixes; each prefix is looked up once, however many ids have it.
 * @returns the look-up of each id; `missing` for ids of another form than `ENC-TSK-086`
 */
export async function projectsOfIds(ids: readonly string[]): Promise<(id: string) => ProjectLookup> {
  const prefixes = [...new Set(ids.flatMap((id) => parseItemId(id)?.prefix ?? []))];
  const lookups = new Map(
    await Promise.all(prefixes.map(async (prefix) => [prefix, await projectByPrefix(prefix)] as const)),
  );
  return (id) => lookups.get(parseItemId(id)?.prefix ?? "") ?? MISSING;
}
