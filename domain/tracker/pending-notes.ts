import type { CursorPosition } from "@enceladus/shared/cursor";
import { invalidInput } from "@enceladus/shared/errors";
import { mergedInOrder } from "@enceladus/shared/merge";
import type { TrackerRecord } from "./record.ts";
import { pagesOf, queryPendingNotes } from "./record-store.ts";

/** Oldest note first; those of one second in the order of their projects. */
function isBefore(one: TrackerRecord, other: TrackerRecord): boolean {
  const [at = "", otherAt = ""] = [one.pending_update_at, other.pending_update_at];
  return at === otherAt ? one.project_id < other.project_id : at < otherAt;
}

type Rows = AsyncGenerator<TrackerRecord, void>;

/** The rows of one project behind a position in the list of several. */
function rowsOf(projectId: string, start: CursorPosition | undefined, pageSize: () => number): Rows {
  if (!start) return pagesOf((request) => queryPendingNotes(projectId, request), undefined, pageSize);
  const { project_id = "", record_id = "", pending_update_at = "" } = start;
  if (project_id === "" || record_id === "" || pending_update_at === "") {
    throw invalidInput("Invalid pagination cursor.");
  }
  if (projectId === project_id) {
    return pagesOf((request) => queryPendingNotes(projectId, request), start, pageSize);
  }
  const from = { moment: String(pending_update_at), including: projectId > String(project_id) };
  return pagesOf((request) => queryPendingNotes(projectId, request, from), undefined, pageSize);
}

/**
 * The records with a pending note of some projects as one list, oldest note first. Each project is read for itself, part
 * by part: what others have in theirs costs nothing and shows nowhere.
 * @param start where the list goes on, as `pendingPosition` has it
 * @param wanted how many are still wanted, asked before each read
 * @throws DomainError INVALID_INPUT (a position that was made up), INTERNAL_ERROR
 */
export async function* pendingNotesOf(
  projectIds: readonly string[],
  start: CursorPosition | undefined,
  wanted: () => number,
): Rows {
  const share = () => Math.ceil(wanted() / projectIds.length);
  yield* mergedInOrder(
    projectIds.map((projectId) => rowsOf(projectId, start, share)),
    isBefore,
  );
}

/** Where in such a list a record stands. */
export function pendingPosition({ project_id, record_id, pending_update_at = "" }: TrackerRecord): CursorPosition {
  return { project_id, record_id, pending_update_at };
}
