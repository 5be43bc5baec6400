import type { TransactItem } from "@enceladus/shared/dynamodb";
import { newId } from "@enceladus/shared/ids";
import { hasDependency } from "../dependency-mirror.ts";
import { type DependencyKind, type Edge, firstEdgesTo, putUnsettled, type Unsettled } from "../link-store.ts";
import { isBlocked, isOpen } from "../readiness.ts";
import type { TrackerRecord } from "../record.ts";
import { MAX_TRANSACTION_ITEMS, type RecordWrite, type SideWrite } from "../transaction.ts";
import { recordsAt, withMember } from "./images.ts";

/** A record in a transaction: how it was, how it will be, and what its dependants have been told of it. */
interface Image {
  before: TrackerRecord;
  after: TrackerRecord;
  told: { open: boolean; blocked: boolean };
  /** Whether it is written anyway. */
  isWritten: boolean;
}

/** What a transaction has to write once everything that follows is part of it. */
export interface Consequences {
  writes: RecordWrite[];
  sides: SideWrite[];
  /** Records with more dependants than fit: these are told afterwards, and until then a marker says so. */
  unsettled: { record: Unsettled; marker: TransactItem }[];
}

/** A dependant takes one item of a transaction, and a second one where its own dependants have to wait. */
const ITEMS_A_DEPENDANT = 2;

function stateOf(record: TrackerRecord): Image["told"] {
  return { open: isOpen(record), blocked: isBlocked(record) };
}

function keyOf({ project_id, record_id }: TrackerRecord): string {
  return `${project_id}/${record_id}`;
}

function hasNews({ after, told }: Image): boolean {
  const state = stateOf(after);
  return after.has_dependants === true && (state.open !== told.open || state.blocked !== told.blocked);
}

/** The kinds of edge along which the news travel: a blocker that opens or closes, a parent that is blocked or is not. */
function kindsOfNews({ after, told }: Image): DependencyKind[] {
  const state = stateOf(after);
  return [
    ...(state.open === told.open ? [] : ["blocks" as const]),
    ...(state.blocked === told.blocked ? [] : ["parent" as const]),
  ];
}

/**
 * A dependant as an edge has it hear of the record where the edge ends. One that has lost the edge since it was looked
 * up hears of nothing: its image is newer than the look.
 */
export function informed(dependant: TrackerRecord, { kind }: Edge, of: TrackerRecord): TrackerRecord {
  if (!hasDependency(dependant, { to: of.item_id, kind })) return dependant;
  if (kind === "blocks") return withMember(dependant, "open_blockers", of.item_id, isOpen(of));
  if (kind === "parent") return withMember(dependant, "blocked_parents", of.item_id, isBlocked(of));
  return dependant;
}

function imageOf(before: TrackerRecord, after: TrackerRecord, isWritten: boolean): Image {
  return { before, after, told: stateOf(before), isWritten };
}

/**
 * What follows from writes for other records: who was blocked by a record that closes is so no longer, and neither are
 * the children of who was. All of it belongs into the same transaction; what does not fit is told afterwards.
 * @param writes changes of records
 * @param sides records that are written without being changed
 * @param room items of the transaction that are taken by something else
 * @throws DomainError INTERNAL_ERROR
 */
export async function consequencesOf(
  writes: readonly RecordWrite[],
  sides: readonly SideWrite[],
  room: number,
): Promise<Consequences> {
  const images = new Map<string, Image>();
  for (const { before, after } of writes) if (before) images.set(keyOf(before), imageOf(before, after, true));
  for (const { before, after } of sides) {
    if (images.has(keyOf(before))) throw new Error(`${before.item_id} is written twice in one transaction`);
    images.set(keyOf(before), imageOf(before, after, true));
  }
  const unsettled: Consequences["unsettled"] = [];
  let left = MAX_TRANSACTION_ITEMS - room - 2 * writes.length - sides.length;

  for (;;) {
    const node = [...images.values()].find(hasNews);
    if (!node) break;
    const { after } = node;
    const most = Math.max(0, Math.floor((left - 1) / ITEMS_A_DEPENDANT));
    const edges = (
      await Promise.all(kindsOfNews(node).map((kind) => firstEdgesTo(after.item_id, kind, most + 1)))
    ).flat();
    node.told = stateOf(after);
    const { project_id, record_id, item_id } = after;
    if (edges.length > most) {
      const record = { project_id, record_id, item_id, token: newId() };
      unsettled.push({ record, marker: putUnsettled(record) });
      left -= 1;
      continue;
    }
    const ends = edges.map(({ from, from_project }) => ({ itemId: from, projectId: from_project }));
    const known = new Map([...images.values()].map((image) => [image.after.item_id, image]));
    for (const record of await recordsAt(ends.filter(({ itemId }) => !known.has(itemId)))) {
      const image = imageOf(record, record, false);
      images.set(keyOf(record), image);
      known.set(record.item_id, image);
      left -= ITEMS_A_DEPENDANT;
    }
    for (const edge of edges) {
      const image = known.get(edge.from);
      if (image) image.after = informed(image.after, edge, after);
    }
  }

  const afterOf = (before: TrackerRecord, otherwise: TrackerRecord) => images.get(keyOf(before))?.after ?? otherwise;
  const direct = new Set(writes.map(({ before }) => before && keyOf(before)));
  return {
    writes: writes.map((write) => (write.before ? { ...write, after: afterOf(write.before, write.after) } : write)),
    sides: [...images.entries()]
      .filter(([key, { isWritten, before, after }]) => !direct.has(key) && (isWritten || before !== after))
      .map(([, { before, after }]) => ({ before, after })),
    unsettled,
  };
}
