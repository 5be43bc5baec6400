import * as z from "zod";
import { RECORD_TYPES, typeNamedBy } from "../../domain/tracker/record.ts";
import type { ApiClient } from "../api/client.ts";
import type { ListedRecord } from "./names.ts";

const PAGE = 200;

const Listed = z.looseObject({ item_id: z.string(), record_type: z.string(), title: z.string(), status: z.string() });
const List = z.object({ records: z.array(Listed), next_cursor: z.string().nullish() });

function order(record: ListedRecord): [number, number] {
  const type = typeNamedBy(record.item_id);
  return [type ? RECORD_TYPES.indexOf(type) : RECORD_TYPES.length, Number(record.item_id.split("-").at(-1))];
}

/** In the order in which they were numbered, so that an import numbers them the same way. */
function byNumber(one: ListedRecord, other: ListedRecord): number {
  const [typeOfOne, number] = order(one);
  const [typeOfOther, otherNumber] = order(other);
  return typeOfOne - typeOfOther || number - otherNumber || (one.item_id < other.item_id ? -1 : 1);
}

/**
 * Reads every task, issue and feature of a project.
 * @param progress hears how many have been read
 */
export async function readProject(
  client: ApiClient,
  project: string,
  progress: (done: number) => void,
): Promise<ListedRecord[]> {
  const records: ListedRecord[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) });
    const page = List.parse(await client.call({ method: "GET", path: `/api/v1/tracker/${project}?${query}` }));
    records.push(...page.records.filter(({ record_type }) => RECORD_TYPES.some((type) => type === record_type)));
    cursor = page.next_cursor;
    progress(records.length);
  } while (cursor);
  return records.sort(byNumber);
}
