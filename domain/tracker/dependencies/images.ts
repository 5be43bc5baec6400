import { projectsOfIds } from "../projects-of-ids.ts";
import { parseItemId, type RecordAddress, type TrackerRecord, textList } from "../record.ts";
import { readRecords } from "../record-store.ts";

/** A record that an edge names. */
export interface End {
  itemId: string;
  /** Absent in older edges: then the prefix of the id tells. */
  projectId: string | undefined;
}

/** Where the records at the ends of edges are; an id that no project has the prefix of leads nowhere. */
async function addressesOf(ends: readonly End[]): Promise<RecordAddress[]> {
  const unknown = ends.filter(({ projectId }) => projectId === undefined).map(({ itemId }) => itemId);
  const projectOf = unknown.length > 0 ? await projectsOfIds(unknown, "all") : () => undefined;
  return ends.flatMap(({ itemId, projectId }) => {
    const type = parseItemId(itemId)?.type;
    const project = projectId ?? projectOf(itemId)?.project_id;
    return type && project !== undefined ? [{ projectId: project, type, itemId }] : [];
  });
}

/**
 * Reads the records at the ends of edges, in whatever projects they are: what blocks a record does so whether or not
 * the caller may see it. Ends that lead nowhere are left out.
 */
export async function recordsAt(ends: readonly End[]): Promise<TrackerRecord[]> {
  const addresses = await addressesOf(ends);
  return addresses.length > 0 ? readRecords(addresses) : [];
}

type Membership = "open_blockers" | "blocked_parents";

/** The record with an id in one of its lists, or without it; the very record where that changes nothing. */
export function withMember(record: TrackerRecord, list: Membership, id: string, present: boolean): TrackerRecord {
  const ids = textList(record[list]);
  if (ids.includes(id) === present) return record;
  const next = present ? [...ids, id].sort() : ids.filter((other) => other !== id);
  return { ...record, [list]: next.length > 0 ? next : undefined };
}
