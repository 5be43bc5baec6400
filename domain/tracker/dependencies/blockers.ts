import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { type TrackerRecord, textList } from "../record.ts";
import { type End, recordsAt } from "./images.ts";

/** A record that must close first. Of one in a project that the caller may not see there is the id alone. */
export interface Blocker {
  record_id: string;
  project_id?: string;
  title?: string;
  status?: string;
  /** The parent through which it blocks; absent for a blocker of the record's own. */
  inherited_from?: string;
}

/** More levels of parents than anybody nests; what is blocked further up is told by the id of the parent. */
const MOST_LEVELS = 20;
/** More blockers than anybody reads. */
const MOST_TOLD = 100;

interface Named {
  id: string;
  through: string | undefined;
}

function endsOf(ids: readonly string[]): End[] {
  return ids.map((itemId) => ({ itemId, projectId: undefined }));
}

/** The open blockers of a record and of the parents that are blocked, level by level. */
async function blockersAbove(record: TrackerRecord): Promise<Named[]> {
  const found: Named[] = textList(record.open_blockers).map((id) => ({ id, through: undefined }));
  const seen = new Set<string>();
  let parents = textList(record.blocked_parents);
  for (let level = 0; level < MOST_LEVELS && parents.length > 0; level += 1) {
    for (const id of parents) seen.add(id);
    const read = await recordsAt(endsOf(parents));
    found.push(
      ...read.flatMap((parent) => textList(parent.open_blockers).map((id) => ({ id, through: parent.item_id }))),
    );
    parents = [...new Set(read.flatMap((parent) => textList(parent.blocked_parents)))].filter((id) => !seen.has(id));
  }
  return [...new Map(found.reverse().map((one) => [one.id, one])).values()].reverse();
}

/** What must close before work on a record makes sense, its own blockers first. */
export async function blockersOf(record: TrackerRecord, visible: VisibleProjects): Promise<Blocker[]> {
  const named = (await blockersAbove(record)).slice(0, MOST_TOLD);
  const read = await recordsAt(endsOf(named.map(({ id }) => id)));
  const byId = new Map(read.map((blocker) => [blocker.item_id, blocker]));
  return named.map(({ id, through }) => {
    const blocker = byId.get(id);
    const known = blocker && isVisible(visible, blocker.project_id);
    return {
      record_id: id,
      ...(known && { project_id: blocker.project_id, title: blocker.title, status: blocker.status }),
      ...(through !== undefined && { inherited_from: through }),
    };
  });
}

/** The refusal to hand out a record that waits for others. Who they are by title is looked up for the answer only. */
export async function blockedBy(record: TrackerRecord, visible: VisibleProjects): Promise<DomainError> {
  const blockers = await blockersOf(record, visible);
  const ids = blockers.map(({ record_id }) => record_id).join(", ");
  return new DomainError("BLOCKED", `${record.item_id} is blocked by ${ids}.`, {
    current_status: record.status,
    blockers,
    next_action: `Wait until ${ids} is closed, work on that first, or claim other work with claims/next.`,
  });
}
