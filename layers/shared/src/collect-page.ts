import { type CursorPosition, decodeCursor, encodeCursor } from "./cursor.ts";
import { invalidInput } from "./errors.ts";

/** Without a limit a page ends at so many items, or before its JSON passes so many bytes. */
const MAX_ITEMS = 1_000;
const MAX_BYTES = 5_000_000;

/** Read beyond what is wanted: one row tells whether anything is left, a few may be none that are listed. */
export const SLACK = 5;

export interface ListRequest {
  limit: number | undefined;
  cursor: string | undefined;
}

/** What a list consists of, and how its cursors say where a page ended. */
export interface Collection<Row, Item> {
  /**
   * The rows behind a position, read as they are asked for.
   * @param wanted how many are still wanted
   */
  rows: (start: CursorPosition | undefined, wanted: () => number) => AsyncIterable<Row> | readonly Row[];
  accepts?: (row: Row) => boolean;
  shown: (row: Row) => Item;
  /** The key attributes that say where a page ended. */
  position: (row: Row) => CursorPosition;
  /** Whether a position that a caller sends can be one of these. */
  isPosition: (position: CursorPosition) => boolean;
  /** What the cursor is bound to: all that decides which rows are listed, and in which order. */
  scope: unknown;
}

export interface CollectedPage<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** @throws DomainError INVALID_INPUT for a cursor of another list, and for a position that was made up */
export function positionIn(
  cursor: string | undefined,
  scope: unknown,
  isPosition: (position: CursorPosition) => boolean,
): CursorPosition | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor, scope);
  if (!isPosition(position)) throw invalidInput("Invalid pagination cursor.");
  return position;
}

/**
 * Collects a page: as many items as wanted, over as many reads as that takes, until one of the bounds is reached.
 * @throws DomainError INVALID_INPUT (cursor), whatever reading the rows throws
 */
export async function collectPage<Row, Item>(
  { limit: wanted = MAX_ITEMS, cursor }: ListRequest,
  collection: Collection<Row, Item>,
): Promise<CollectedPage<Item>> {
  const { rows, accepts = () => true, shown, position, isPosition, scope } = collection;
  const start = positionIn(cursor, scope, isPosition);
  const items: Item[] = [];
  let bytes = 0;
  let lastTaken: Row | undefined;
  for await (const row of rows(start, () => wanted - items.length + SLACK)) {
    if (!accepts(row)) continue;
    const item = shown(row);
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length === wanted || (items.length > 0 && bytes > MAX_BYTES)) {
      return { items, nextCursor: lastTaken ? encodeCursor(position(lastTaken), scope) : null };
    }
    items.push(item);
    lastTaken = row;
  }
  return { items, nextCursor: null };
}
