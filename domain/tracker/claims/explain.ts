import type { VisibleProjects } from "@enceladus/shared/auth-context";
import { recordNotFound } from "../change-record.ts";
import { type Blocker, blockersOf } from "../dependencies/blockers.ts";
import { type Holder, holderOf } from "../lease.ts";
import { isBlocked, isOpen, isParked } from "../readiness.ts";
import type { RecordAddress } from "../record.ts";
import { readRecord } from "../record-store.ts";

/** One reason why a record is not handed out. */
export type Reason =
  | { code: "CLOSED"; status: string }
  | { code: "LEASED"; holder: Holder }
  | { code: "BLOCKED"; blockers: Blocker[] }
  | { code: "PARKED"; since: string; reason: string | null };

export interface Explanation {
  itemId: string;
  title: string;
  status: string;
  ready: boolean;
  reasons: Reason[];
}

/**
 * Why a record is ready to be claimed, or is not: everything that stands in the way, by id and title.
 * @throws DomainError NOT_FOUND, INTERNAL_ERROR
 */
export async function explain(address: RecordAddress, visible: VisibleProjects): Promise<Explanation> {
  const record = await readRecord(address);
  if (!record) throw recordNotFound();
  const reasons: Reason[] = [];
  if (!isOpen(record)) reasons.push({ code: "CLOSED", status: record.status });
  const holder = holderOf(record, Date.now());
  if (holder) reasons.push({ code: "LEASED", holder });
  if (isBlocked(record)) reasons.push({ code: "BLOCKED", blockers: await blockersOf(record, visible) });
  if (isParked(record)) {
    reasons.push({ code: "PARKED", since: record.parked_at ?? "", reason: record.parked_reason ?? null });
  }
  const { item_id: itemId, title, status } = record;
  return { itemId, title, status, ready: reasons.length === 0, reasons };
}
