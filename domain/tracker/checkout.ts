import { DomainError, invalidInput } from "@enceladus/shared/errors";
import { identitiesOf, type Writer, writerSuffix } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { defaultLeaseSeconds, granted, type Holder, holderOf, type Lease, lockedBy, released } from "./lease.ts";
import { recall, remember } from "./recent-records.ts";
import type { RecordAddress, TrackerRecord } from "./record.ts";

export interface Grant {
  record: TrackerRecord;
  holder: string;
  lease: Lease;
}

function leaseOf(record: TrackerRecord): Lease {
  return { lease_id: record.lease_id ?? "", fence: record.fence ?? 0, expires_at: record.lease_expires_at ?? "" };
}

/**
 * Takes a record for one holder. Of any number of callers at once one gets it; the others learn who and until when.
 * An expired lease is free, and taking it over is the same one conditional write.
 * @param seconds how long the lease lasts; undefined for the default
 * @throws DomainError INVALID_INPUT (no name for the holder), NOT_FOUND, CONFLICT (held, also by the same name)
 */
export function checkout(address: RecordAddress, writer: Writer, seconds: number | undefined): Promise<Grant> {
  const holder = writer.sessionId || writer.provider;
  if (holder === "") {
    throw invalidInput("write_source.provider is required: a checkout needs the name of its holder.", {
      field: "write_source.provider",
    });
  }
  return changeRecord(
    address,
    writer,
    (record, now) => {
      const current = holderOf(record, now);
      if (current) throw lockedBy(current, `The record is already checked out by '${current.session_id}'.`);
      const description = `Agent session checkout by ${holder}${writerSuffix(writer)}`;
      return {
        after: granted(record, holder, seconds ?? defaultLeaseSeconds(), now),
        entry: { operation: "checkout", note: { status: "worklog", description } },
        result: (written): Grant => {
          remember(written);
          return { record: written, holder, lease: leaseOf(written) };
        },
      };
    },
    { known: recall(address) },
  );
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
    next_action: "Release it as its holder, or wait for the lease to end.",
  });
}

/** Whether the caller is the holder: a lease id says more than a name. */
function holds(record: TrackerRecord, writer: Writer, { leaseId }: ReleaseRequest): boolean {
  if (leaseId !== undefined) return leaseId === record.lease_id;
  return identitiesOf(writer).includes(record.active_agent_session_id ?? "");
}

/** Whether the caller may release what it does not hold. */
function mayForce(writer: Writer, request: ReleaseRequest): boolean {
  const namesNobody = identitiesOf(writer).length === 0 && request.leaseId === undefined;
  return request.mayForce && (namesNobody || request.force);
}

/**
 * Gives a record back. Only its holder may, by name or lease id; a caller with admin rights that names nobody (older
 * clients) or forces it may too, and the history says who it was. Releasing a free record succeeds.
 * @throws DomainError NOT_FOUND, NOT_HOLDER
 */
export function release(address: RecordAddress, writer: Writer, request: ReleaseRequest): Promise<TrackerRecord> {
  return changeRecord(address, writer, (record, now) => {
    const holder = holderOf(record, now);
    const inPlaceOfHolder = holder !== undefined && !holds(record, writer, request);
    if (inPlaceOfHolder && !mayForce(writer, request)) throw notHolder(record, holder);
    const by = inPlaceOfHolder ? ` by ${writer.principal}${request.force ? " (forced)" : ""}` : "";
    return {
      after: released(record),
      entry: {
        operation: "release",
        note: { status: "worklog", description: `Agent session released${by}${writerSuffix(writer)}` },
        ...(request.reason && { reason: request.reason }),
      },
      result: (written): TrackerRecord => {
        remember(written);
        return written;
      },
    };
  });
}
