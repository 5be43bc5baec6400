import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type Collection, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { CursorPosition } from "@enceladus/shared/cursor";
import { pendingNotesOf, pendingPosition } from "./pending-notes.ts";
import { withCarriedHistory } from "./read-record.ts";
import { isRecordType, type TrackerRecord } from "./record.ts";
import { pagesOf, queryAllPendingNotes, queryPendingNotes, queryProject } from "./record-store.ts";

/** Rows that are no records, but that lists have always shown: a project's reference row. */
const LISTED_KINDS = new Set(["task", "issue", "feature", "reference"]);

export interface RecordFilter {
  type?: string | undefined;
  status?: string | undefined;
}

/** A record as far as its view shows it. */
export type ListedRecord = Record<string, unknown> & { item_id?: string };

/** Which page of a list, and what it shows of each record; that has no say in which records are listed. */
export interface RecordListRequest extends ListRequest {
  /** `summary` leaves out what is long. */
  view?: "summary" | undefined;
  /** What an answer has of a record; default all of the view. The size of a page is counted in this. */
  shown?: (record: ListedRecord) => Record<string, unknown>;
}

export interface RecordList {
  records: Record<string, unknown>[];
  nextCursor: string | null;
}

const LONG = ["history", "description", "evidence"];

function summary(record: TrackerRecord): Record<string, unknown> {
  const { history_truncated: _, ...view } = withCarriedHistory(record);
  return Object.fromEntries(Object.entries(view).filter(([name]) => !LONG.includes(name)));
}

/** The parts of every key here are texts; anything else was made up. */
function isPosition(position: CursorPosition): boolean {
  return Object.values(position).every((part) => typeof part === "string");
}

type RecordCollection = Omit<Collection<TrackerRecord, Record<string, unknown>>, "shown" | "isPosition">;

/** A page of records in the order of a collection. */
export async function collectRecords(request: RecordListRequest, collection: RecordCollection): Promise<RecordList> {
  const { view, shown = (record) => record } = request;
  const viewOf: (record: TrackerRecord) => ListedRecord = view === "summary" ? summary : withCarriedHistory;
  const { items, nextCursor } = await collectPage(request, {
    ...collection,
    shown: (record) => shown(viewOf(record)),
    isPosition,
  });
  return { records: items, nextCursor };
}

/**
 * Lists the records of a project in the order of their ids. A project that does not exist, or that the caller may not
 * see, is an empty list.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listRecords(
  projectId: string,
  filter: RecordFilter,
  request: RecordListRequest,
  visible: VisibleProjects,
): Promise<RecordList> {
  const prefix = isRecordType(filter.type) ? `${filter.type}#` : undefined;
  // Where few of the rows may be accepted, reading as many as are wanted would take many reads.
  const selective = filter.status !== undefined || (filter.type !== undefined && prefix === undefined);
  return collectRecords(request, {
    rows: (start, wanted) =>
      isVisible(visible, projectId)
        ? pagesOf((page) => queryProject(projectId, prefix, page), start, selective ? () => undefined : wanted)
        : [],
    accepts: (record) =>
      LISTED_KINDS.has(record.record_type) &&
      (filter.type === undefined || record.record_type === filter.type) &&
      (filter.status === undefined || record.status === filter.status),
    position: ({ project_id, record_id }) => ({ project_id, record_id }),
    scope: ["records", projectId, filter.type ?? null, filter.status ?? null],
  });
}

/** What the lists of pending notes have in common. */
const PENDING = {
  accepts: (record: TrackerRecord) => typeof record.update === "string" && record.update !== "",
  position: pendingPosition,
};

/**
 * Lists the records of a project with a pending note, oldest note first. A project that does not exist, or that the
 * caller may not see, is an empty list.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listPendingNotes(
  projectId: string,
  request: RecordListRequest,
  visible: VisibleProjects,
): Promise<RecordList> {
  return collectRecords(request, {
    ...PENDING,
    rows: (start, wanted) =>
      isVisible(visible, projectId) ? pagesOf((page) => queryPendingNotes(projectId, page), start, wanted) : [],
    scope: ["pending", projectId],
  });
}

/**
 * Lists the records with a pending note in all projects that the caller may see, oldest note first.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listAllPendingNotes(request: RecordListRequest, visible: VisibleProjects): Promise<RecordList> {
  if (visible !== "all") {
    return collectRecords(request, {
      ...PENDING,
      rows: (start, wanted) => pendingNotesOf(visible, start, wanted),
      scope: ["pending of some", ...visible],
    });
  }
  return collectRecords(request, {
    ...PENDING,
    rows: (start, wanted) => pagesOf(queryAllPendingNotes, start, wanted),
    position: (record) => ({ ...pendingPosition(record), pending_scope: String(record.pending_scope) }),
    scope: ["pending", null],
  });
}
