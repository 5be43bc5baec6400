import { type CursorPosition, decodeCursor, encodeCursor } from "@enceladus/shared/cursor";
import { invalidInput } from "@enceladus/shared/errors";
import { withCarriedHistory } from "./read-record.ts";
import { isRecordType, type TrackerRecord } from "./record.ts";
import { type Page, type PageRequest, queryPendingNotes, queryProject } from "./record-store.ts";

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

type Source = (request: PageRequest) => Promise<Page>;

interface Collection {
  source: Source;
  accepts: (record: TrackerRecord) => boolean;
  /** Whether few of the rows may be accepted, so that reading as many as are wanted would take many reads. */
  selective: boolean;
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
  const { source, accepts, selective, shown, position, scope } = collection;
  const wanted = limit ?? MAX_RECORDS;
  const records: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined = startOf(cursor, scope);
  let bytes = 0;
  let lastTaken: TrackerRecord | undefined;
  do {
    const page: Page = await source({ start, limit: selective ? undefined : wanted - records.length + SLACK });
    for (const record of page.records.filter(accepts)) {
      const view = shown(record);
      bytes += Buffer.byteLength(JSON.stringify(view));
      if (records.length === wanted || (records.length > 0 && bytes > MAX_BYTES)) {
        return { records, nextCursor: lastTaken ? encodeCursor(position(lastTaken), scope) : null };
      }
      records.push(view);
      lastTaken = record;
    }
    start = page.last;
  } while (start);
  return { records, nextCursor: null };
}

const LONG = ["history", "description", "evidence"];

function summary(record: TrackerRecord): Record<string, unknown> {
  const { history_truncated: _, ...view } = withCarriedHistory(record);
  return Object.fromEntries(Object.entries(view).filter(([name]) => !LONG.includes(name)));
}

/**
 * Lists the records of a project in the order of their ids. An unknown project is an empty list.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listRecords(projectId: string, filter: RecordFilter, request: ListRequest): Promise<RecordList> {
  const prefix = isRecordType(filter.type) ? `${filter.type}#` : undefined;
  return collect(request, {
    source: (page) => queryProject(projectId, prefix, page),
    accepts: (record) =>
      LISTED_KINDS.has(record.record_type) &&
      (filter.type === undefined || record.record_type === filter.type) &&
      (filter.status === undefined || record.status === filter.status),
    selective: filter.status !== undefined || (filter.type !== undefined && prefix === undefined),
    shown: filter.view === "summary" ? summary : withCarriedHistory,
    position: ({ project_id, record_id }) => ({ project_id, record_id }),
    scope: ["records", projectId, filter.type ?? null, filter.status ?? null, filter.view ?? null],
  });
}

/**
 * Lists the records with a pending note, oldest note first.
 * @param projectId one project, or undefined for all
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export function listPendingNotes(projectId: string | undefined, request: ListRequest): Promise<RecordList> {
  return collect(request, {
    source: (page) => queryPendingNotes(projectId, page),
    accepts: (record) => typeof record.update === "string" && record.update !== "",
    selective: false,
    shown: withCarriedHistory,
    position: (record) => ({
      project_id: record.project_id,
      record_id: record.record_id,
      pending_update_at: record.pending_update_at ?? "",
      ...(projectId === undefined && { pending_scope: String(record.pending_scope) }),
    }),
    scope: ["pending", projectId ?? null],
  });
}
