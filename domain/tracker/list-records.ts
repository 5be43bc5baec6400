import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { type CursorPosition, decodeCursor, encodeCursor } from "@enceladus/shared/cursor";
import { invalidInput } from "@enceladus/shared/errors";
import { pendingNotesOf, pendingPosition } from "./pending-notes.ts";
import { withCarriedHistory } from "./read-record.ts";
import { isRecordType, type TrackerRecord } from "./record.ts";
import { pagesOf, queryAllPendingNotes, queryPendingNotes, queryProject } from "./record-store.ts";

/** Without a limit a page ends at so many records, or before its JSON passes so many bytes. */
const MAX_RECORDS = 1_000;
const MAX_BYTES = 5_000_000;

/** Rows that are no records, but that lists have always shown: a project's reference row. */
const LISTED_KINDS = new Set(["task", "issue", "feature", "reference"]);

/** Read beyond what is wanted: one row tells whether anything is left, a few may be counters. */
const SLACK = 5;

export interface ListRequest {
  limit: number | undefined;
  cursor: string | undefined;
}

export interface RecordFilter {
  type?: string | undefined;
  status?: string | undefined;
  /** Leaves out what is long. */
  view?: "summary" | undefined;
}

export interface RecordList {
  records: Record<string, unknown>[];
  nextCursor: string | null;
}

type Rows = AsyncIterable<TrackerRecord> | readonly TrackerRecord[];

interface Collection {
  /**
   * The rows behind a position, read as they are asked for.
   * @param wanted how many are still wanted
   */
  rows: (start: CursorPosition | undefined, wanted: () => number) => Rows;
  accepts: (record: TrackerRecord) => boolean;
  shown: (record: TrackerRecord) => Record<string, unknown>;
  /** The key attributes that say where a page ended. */
  position: (record: TrackerRecord) => CursorPosition;
  /** What the cursor is bound to. */
  scope: unknown;
}

/** Where a page starts. The parts of every key here are texts; anything else was made up. */
function startOf(cursor: string | undefined, scope: unknown): CursorPosition | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor, scope);
  if (Object.values(position).some((part) => typeof part !== "string"))
    throw invalidInput("Invalid pagination cursor.");
  return position;
}

/**
 * Collects a page: as many matching records as wanted, over as many reads as that takes; without a limit, until one of
 * the bounds is reached.
 */
async function collect({ limit, cursor }: ListRequest, collection: Collection): Promise<RecordList> {
  const { rows, accepts, shown, position, scope } = collection;
  const wanted = limit ?? MAX_RECORDS;
  const records: Record<string, unknown>[] = [];
  let bytes = 0;
  let lastTaken: TrackerRecord | undefined;
  for await (const record of rows(startOf(cursor, scope), () => wanted - records.length + SLACK)) {
    if (!accepts(record)) continue;
    const view = shown(record);
    bytes += Buffer.byteLength(JSON.stringify(view));
    if (records.length === wanted || (records.length > 0 && bytes > MAX_BYTES)) {
      return { records, nextCursor: lastTaken ? encodeCursor(position(lastTaken), scope) : null };
    }
    records.push(view);
    lastTaken = record;
  }
  return { records, nextCursor: null };
}

const LONG = ["history", "description", "evidence"];

function summary(record: TrackerRecord): Record<string, unknown> {
  const { history_truncated: _, ...view } = withCarriedHistory(record);
  return Object.fromEntries(Object.entries(view).filter(([name]) => !LONG.includes(name)));
}

/**
 * Lists the records of a project in the order of their ids. A project that does not exist, or that the caller may not
 * see, is an empty list.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listRecords(
  projectId: string,
  filter: RecordFilter,
  request: ListRequest,
  visible: VisibleProjects,
): Promise<RecordList> {
  const prefix = isRecordType(filter.type) ? `${filter.type}#` : undefined;
  // Where few of the rows may be accepted, reading as many as are wanted would take many reads.
  const selective = filter.status !== undefined || (filter.type !== undefined && prefix === undefined);
  return collect(request, {
    rows: (start, wanted) =>
      isVisible(visible, projectId)
        ? pagesOf((page) => queryProject(projectId, prefix, page), start, selective ? () => undefined : wanted)
        : [],
    accepts: (record) =>
      LISTED_KINDS.has(record.record_type) &&
      (filter.type === undefined || record.record_type === filter.type) &&
      (filter.status === undefined || record.status === filter.status),
    shown: filter.view === "summary" ? summary : withCarriedHistory,
    position: ({ project_id, record_id }) => ({ project_id, record_id }),
    scope: ["records", projectId, filter.type ?? null, filter.status ?? null, filter.view ?? null],
  });
}

/** What the lists of pending notes have in common. */
const PENDING = {
  accepts: (record: TrackerRecord) => typeof record.update === "string" && record.update !== "",
  shown: withCarriedHistory,
  position: pendingPosition,
};

/**
 * Lists the records of a project with a pending note, oldest note first. A project that does not exist, or that the
 * caller may not see, is an empty list.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listPendingNotes(
  projectId: string,
  request: ListRequest,
  visible: VisibleProjects,
): Promise<RecordList> {
  return collect(request, {
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
export function listAllPendingNotes(request: ListRequest, visible: VisibleProjects): Promise<RecordList> {
  if (visible !== "all") {
    return collect(request, {
      ...PENDING,
      rows: (start, wanted) => pendingNotesOf(visible, start, wanted),
      scope: ["pending of some", ...visible],
    });
  }
  return collect(request, {
    ...PENDING,
    rows: (start, wanted) => pagesOf(queryAllPendingNotes, start, wanted),
    position: (record) => ({ ...pendingPosition(record), pending_scope: String(record.pending_scope) }),
    scope: ["pending", null],
  });
}
