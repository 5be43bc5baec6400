import type { VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { projectsOfIds } from "./projects-of-ids.ts";
import {
  addressOf,
  parseItemId,
  RELATED_FIELDS,
  type RecordAddress,
  type RecordType,
  type TrackerRecord,
  textList,
} from "./record.ts";
import { readRecords } from "./record-store.ts";
import type { RecordWrite } from "./transaction.ts";

const ENTRY = { operation: "relation" } as const;

/** The records at the other end of new relations, and what there is to say about ids that lead nowhere. */
export interface RelationTargets {
  records: TrackerRecord[];
  warnings: string[];
}

/**
 * Looks up the records that ids name, across the projects that the caller may see. Ids that are no record ids are left
 * to the caller's rules. Relations never stand in the way of their record: where the other ends cannot be read, each of
 * them is a warning.
 */
export async function relationTargets(ids: readonly string[], visible: VisibleProjects): Promise<RelationTargets> {
  try {
    return await readTargets(ids, visible);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "INTERNAL_ERROR") throw error;
    log().warn("relations_not_read", { ids, error });
    const named = ids.filter((id) => parseItemId(id));
    return { records: [], warnings: named.map((id) => `${id}: could not be read; no inverse relation.`) };
  }
}

/**
 * The records that ids name, across the projects that the caller may see; ids that name none are left out.
 * @throws DomainError INTERNAL_ERROR
 */
export async function recordsNamed(ids: readonly string[], visible: VisibleProjects): Promise<TrackerRecord[]> {
  return ids.length === 0 ? [] : (await readTargets(ids, visible)).records;
}

async function readTargets(ids: readonly string[], visible: VisibleProjects): Promise<RelationTargets> {
  const projectOf = await projectsOfIds(ids, visible);
  const places = ids.flatMap((id): { id: string; address: RecordAddress | undefined }[] => {
    const parsed = parseItemId(id);
    if (!parsed) return [];
    const project = projectOf(id);
    return [{ id, address: project && { projectId: project.project_id, type: parsed.type, itemId: id } }];
  });
  const addresses = places.flatMap(({ address }) => (address ? [address] : []));
  const records = addresses.length > 0 ? await readRecords(addresses) : [];
  const found = new Set(records.map(({ item_id }) => item_id));
  const warnings = places
    .filter(({ id }) => !found.has(id))
    .map(({ id, address }) => (address ? vanished(id) : `${id}: no project has this prefix; no inverse relation.`));
  return { records, warnings };
}

function vanished(id: string): string {
  return `${id}: record not found; no inverse relation.`;
}

function withInverse(target: TrackerRecord, type: RecordType, itemId: string): TrackerRecord | undefined {
  const field = RELATED_FIELDS[type];
  const ids = textList(target[field]);
  return ids.includes(itemId) ? undefined : { ...target, [field]: [...ids, itemId] };
}

/** The writes that name a record at the other end of its relations; ends that name it already are left alone. */
export function inverseWrites(targets: readonly TrackerRecord[], type: RecordType, itemId: string): RecordWrite[] {
  return targets.flatMap((before) => {
    const after = withInverse(before, type, itemId);
    return after ? [{ before, after, entry: ENTRY }] : [];
  });
}

/**
 * Adds the inverse of relations one by one, for those that no longer fit into the transaction of their record.
 * @returns warnings for the ends that could not be written
 */
export async function addInversesOneByOne(
  targets: readonly TrackerRecord[],
  type: RecordType,
  itemId: string,
  writer: Writer,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const target of targets) {
    try {
      await changeRecord(addressOf(target), writer, (current) => {
        const after = withInverse(current, type, itemId);
        return after ? { after, entry: ENTRY, result: () => undefined } : { nothingToDo: undefined };
      });
    } catch {
      warnings.push(`${target.item_id}: the inverse relation could not be written.`);
    }
  }
  return warnings;
}

/** What to say of an end that vanished while its relation was written. */
export const inverseVanished = vanished;
