import type { Writer } from "../attribution.ts";
import { settleLeftOvers } from "../dependencies/settle.ts";
import { collectRecords, type RecordList, type RecordListRequest } from "../list-records.ts";
import { placeOf } from "../readiness.ts";
import type { RecordType } from "../record.ts";
import { isWanted, readyFrom, type WorkFilter } from "./candidates.ts";

export interface ReadyFilter extends WorkFilter {
  projectId: string;
  types: readonly RecordType[];
}

/**
 * Lists what can be claimed, in the order in which `claimNext` hands it out.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export async function listReady(filter: ReadyFilter, request: RecordListRequest, writer: Writer): Promise<RecordList> {
  const { projectId, types, labels, assignedTo } = filter;
  const works = types.map((type) => ({ projectId, type }));
  const now = Date.now();
  const list = () =>
    collectRecords(request, {
      rows: (start, wanted) => readyFrom(works, now, start && String(start.rank), wanted),
      accepts: (record) => isWanted(record, filter),
      position: (record) => ({ rank: placeOf(record) }),
      scope: ["ready", projectId, [...types].sort(), [...labels].sort(), assignedTo ?? null],
    });
  const found = await list();
  const isEmpty = found.records.length === 0 && request.cursor === undefined;
  return isEmpty && (await settleLeftOvers(projectId, writer)) ? list() : found;
}
