import { setTimeout as wait } from "node:timers/promises";
import { DomainError, invalidInput } from "@enceladus/shared/errors";
import { identitiesOf, type Writer, writerSuffix } from "./attribution.ts";
import { type Change, changeRecord } from "./change-record.ts";
import { blockedBy } from "./dependencies/blockers.ts";
import type { EntryDraft } from "./history.ts";
import {
  defaultLeaseSeconds,
  granted,
  type Holder,
  holderOf,
  type Lease,
  leaseOf,
  lockedBy,
  released,
} from "./lease.ts";
import { isBlocked } from "./readiness.ts";
import { recall, recallSince } from "./recent-records.ts";
import { type RecordSummary, recordId, summaryOf, type Target, type TrackerRecord } from "./record.ts";

/** What a holder gets. */
export interface Grant {
  record: RecordSummary;
  holder: string;
  lease: Lease;
}

export interface CheckoutRequest {
  /** How long the lease lasts; undefined for the default. */
  seconds: number | undefined;
  /** Take it in spite of open blockers; needs `tracker:admin` and a reason. */
  force: boolean;
  mayForce: boolean;
  reason: string | undefined;
}

/**
 * The name under which a writer takes records.
 * @throws DomainError INVALID_INPUT for a writer that has none
 */
export function holderName(writer: Writer): string {
  const holder = writer.sessionId || writer.provider;
  if (holder === "") {
    throw invalidInput("write_source.provider is required: a checkout needs the name of its holder.", {
      field: "write_source.provider",
    });
  }
  return holder;
}

/** @throws DomainError FORBIDDEN, INVALID_INPUT */
function assertMayForce({ mayForce, reason }: CheckoutRequest): void {
  if (!mayForce) {
    throw new DomainError("FORBIDDEN", "To take a blocked record needs the scope 'tracker:admin'.", {
      required_scope: "tracker:admin",
      next_action: "Leave force out, or ask somebody with this scope.",
    });
  }
  if (reason === undefined) throw invalidInput("Field 'reason' is required with force.", { field: "reason" });
}

/** A record as a grant leaves it, with what the history says of it. */
export function grantTo(
  record: TrackerRecord,
  writer: Writer,
  seconds: number | undefined,
  now: number,
): { after: TrackerRecord; entry: EntryDraft } {
  const holder = holderName(writer);
  const description = `Agent session checkout by ${holder}${writerSuffix(writer)}`;
  return {
    after: granted(record, holder, seconds ?? defaultLeaseSeconds(), now),
    entry: { operation: "checkout", note: { status: "worklog", description } },
  };
}

/** Checkouts that this container has on their way, by record. */
const onTheirWay = new Map<string, Promise<unknown>>();
const LONGEST_WAIT_MS = 1_000;

/**
 * Lets a checkout wait for one of the same record that this container has sent already. Most often that one ends with a
 * holder, its own or another's, and then the others need no call of the database to learn who it is.
 */
async function afterTheFirst<Result>(target: Target, work: () => Promise<Result>): Promise<Result> {
  const name = `${target.projectId}/${recordId(target)}`;
  const first = onTheirWay.get(name);
  if (first) {
    await Promise.race([Promise.allSettled([first]), wait(LONGEST_WAIT_MS, undefined, { ref: false })]);
    return work();
  }
  const mine = work();
  onTheirWay.set(name, mine);
  try {
    return await mine;
  } finally {
    onTheirWay.delete(name);
  }
}

/**
 * Takes a record for one holder. Of any number of callers at once one gets it; the others learn who and until when.
 * An expired lease is free, and taking it over is the same one conditional write.
 * @throws DomainError INVALID_INPUT (no name for the holder), NOT_FOUND, CONFLICT (held, also by the same name), BLOCKED,
 *   FORBIDDEN, STALE_FENCE, PRECONDITION_FAILED
 */
export async function checkout(target: Target, writer: Writer, request: CheckoutRequest): Promise<Grant> {
  const since = performance.now();
  const holder = holderName(writer);
  if (request.force) assertMayForce(request);
  const decide = async (record: TrackerRecord, now: number): Promise<Change<Grant>> => {
    const current = holderOf(record, now);
    if (current) throw lockedBy(current, `The record is already checked out by '${current.session_id}'.`);
    const isForced = isBlocked(record) && request.force;
    if (isBlocked(record) && !isForced) throw await blockedBy(record, writer.visible);
    const { after, entry } = grantTo(record, writer, request.seconds, now);
    return {
      after,
      entry: { ...entry, ...(isForced && { operation: "checkout_forced", reason: request.reason }) },
      result: (written) => ({ record: summaryOf(written), holder, lease: leaseOf(written) }),
    };
  };
  return afterTheFirst(target, () => {
    const current = recallSince(target, since);
    return changeRecord(target, writer, decide, { known: current ?? recall(target), isCurrent: current !== undefined });
  });
}

export interface ReleaseRequest {
  leaseId: string | undefined;
  /** Release in spite of another holder; needs `mayForce`. */
  force: boolean;
  /** Whether the caller holds the scope `tracker:admin`. */
  mayForce: boolean;
  reason: string | undefined;
}

function notHolder(record: TrackerRecord, holder: Holder | undefined): DomainError {
  const name = holder?.session_id ?? record.active_agent_session_id ?? "";
  return new DomainError("NOT_HOLDER", `The record is checked out by '${name}'.`, {
    reason: "SESSION_LOCKED",
    ...(holder && { holder }),
    next_action: holder
      ? `Release it as its holder, or wait ${holder.seconds_left} s for the lease to end.`
      : "Release it as its holder.",
  });
}

/** Whether the caller names nobody: neither itself nor the lease that it means. */
function namesNobody(writer: Writer, { leaseId }: ReleaseRequest): boolean {
  return identitiesOf(writer).length === 0 && leaseId === undefined;
}

/** Whether the caller is the holder: a lease id says more than a name, and the newest fence is as good as a name. */
function holds(record: TrackerRecord, writer: Writer, request: ReleaseRequest, fence: number | undefined): boolean {
  if (request.leaseId !== undefined) return request.leaseId === record.lease_id;
  if (namesNobody(writer, request)) return fence !== undefined;
  return identitiesOf(writer).includes(record.active_agent_session_id ?? "");
}

/** Whether the caller may release what it does not hold. */
function mayForce(writer: Writer, request: ReleaseRequest): boolean {
  return request.mayForce && (namesNobody(writer, request) || request.force);
}

/**
 * Gives a record back. Only its holder may, by name or lease id; a caller with admin rights that names nobody (older
 * clients) or forces it may too, and the history says who it was. Releasing a free record succeeds.
 * @throws DomainError NOT_FOUND, NOT_HOLDER, STALE_FENCE, PRECONDITION_FAILED
 */
export function release(target: Target, writer: Writer, request: ReleaseRequest): Promise<RecordSummary> {
  return changeRecord(target, writer, (record, now) => {
    const holder = holderOf(record, now);
    const inPlaceOfHolder = holder !== undefined && !holds(record, writer, request, target.preconditions?.fence);
    if (inPlaceOfHolder && !mayForce(writer, request)) throw notHolder(record, holder);
    const by = inPlaceOfHolder ? ` by ${writer.principal}${request.force ? " (forced)" : ""}` : "";
    return {
      after: released(record),
      entry: {
        operation: "release",
        note: { status: "worklog", description: `Agent session released${by}${writerSuffix(writer)}` },
        ...(request.reason && { reason: request.reason }),
      },
      result: summaryOf,
    };
  });
}
