import { type CollectedPage, collectPage, type ListRequest } from "@enceladus/shared/collect-page";
import type { CursorPosition } from "@enceladus/shared/cursor";
import { recordNotFound } from "./change-record.ts";
import type { HistoryEntry } from "./history.ts";
import { queryEntries } from "./history-store.ts";
import type { RecordAddress } from "./record.ts";
import { keyOf, type RecordKey, readRecord } from "./record-store.ts";

const DEFAULT_LIMIT = 100;

/** The entries of a chain before a number, newest first, read as they are asked for. */
async function* entriesBefore(
  key: RecordKey,
  seq: number | undefined,
  wanted: () => number,
): AsyncGenerator<HistoryEntry, void> {
  let after = seq;
  do {
    const { entries, last } = await queryEntries(key, { order: "newest-first", limit: wanted(), after });
    yield* entries;
    after = last;
  } while (after !== undefined);
}

/** A chain is numbered for good: what is appended meanwhile moves nothing that a position points at. */
function isPosition({ seq, ...rest }: CursorPosition): boolean {
  return Number.isSafeInteger(seq) && Number(seq) > 0 && Object.keys(rest).length === 0;
}

function pageOf(key: RecordKey, { limit = DEFAULT_LIMIT, cursor }: ListRequest): Promise<CollectedPage<HistoryEntry>> {
  return collectPage<HistoryEntry, HistoryEntry>(
    { limit, cursor },
    {
      rows: (start, wanted) => entriesBefore(key, start && Number(start.seq), wanted),
      shown: (entry) => entry,
      position: ({ seq }) => ({ seq }),
      isPosition,
      scope: ["history", key.project_id, key.record_id],
    },
  );
}

/**
 * The entries of a record's chain, newest first; none for a record that was written before there were chains.
 * @throws DomainError NOT_FOUND, INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export async function readHistory(address: RecordAddress, request: ListRequest): Promise<CollectedPage<HistoryEntry>> {
  const page = await pageOf(keyOf(address), request);
  if (page.items.length > 0 || request.cursor !== undefined) return page;
  const record = await readRecord(address);
  if (!record) throw recordNotFound();
  // Its first entry may have been written since the chain was read.
  return record.history_seq === undefined ? page : pageOf(keyOf(address), request);
}
