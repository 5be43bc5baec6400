import { DomainError } from "@enceladus/shared/errors";
import { newId } from "@enceladus/shared/ids";
import { timestamp } from "@enceladus/shared/time";
import { AGENT_CHANNEL, identitiesOf, type Writer } from "./attribution.ts";
import type { TrackerRecord } from "./record.ts";

const DEFAULT_LEASE_SECONDS = 14_400;

/** What a checkout grants: until when the work is the holder's, and a number that every later grant exceeds. */
export interface Lease {
  lease_id: string;
  fence: number;
  expires_at: string;
}

/** Who holds a record, as refusals tell it. */
export interface Holder {
  session_id: string;
  since: string | null;
  lease_expires_at: string;
  seconds_left: number;
  last_heartbeat_at: string | null;
}

/** Seconds that a lease lasts where the caller does not say; `SESSION_LEASE_SECONDS`, never 0. */
export function defaultLeaseSeconds(): number {
  const configured = Number(process.env.SESSION_LEASE_SECONDS);
  return Number.isInteger(configured) && configured > 0 ? configured : DEFAULT_LEASE_SECONDS;
}

/** Locks of older rows have no expiry of their own: they end a default lease after their last sign of life. */
function expiresAt(record: TrackerRecord): number {
  if (record.lease_expires_at) return Date.parse(record.lease_expires_at);
  const lastSign = Date.parse(record.active_agent_session_at ?? record.updated_at ?? "");
  return Number.isNaN(lastSign) ? Number.POSITIVE_INFINITY : lastSign + defaultLeaseSeconds() * 1000;
}

/**
 * Who holds the record now; undefined when nobody does. An expired lease is no lease: nothing sweeps, expiry is a
 * comparison with now.
 * @param now milliseconds since the epoch
 */
export function holderOf(record: TrackerRecord, now: number): Holder | undefined {
  if (record.active_agent_session !== true) return undefined;
  const until = expiresAt(record);
  if (until <= now) return undefined;
  const finite = Number.isFinite(until);
  return {
    session_id: record.active_agent_session_id ?? "",
    since: record.active_agent_session_at ?? null,
    lease_expires_at: finite ? timestamp(until) : "",
    seconds_left: finite ? Math.ceil((until - now) / 1000) : 0,
    last_heartbeat_at: record.lease_heartbeat_at ?? null,
  };
}

/** What a lease was, as a refusal or an answer tells it. */
export function leaseOf(record: TrackerRecord): Lease {
  return { lease_id: record.lease_id ?? "", fence: record.fence ?? 0, expires_at: record.lease_expires_at ?? "" };
}

function waitOrLookElsewhere(holder: Holder): string {
  return `Wait ${holder.seconds_left} s for the lease to end, or claim other work with claims/next.`;
}

/** The refusal of a write or a checkout because somebody else holds the record. */
export function lockedBy(holder: Holder, message: string): DomainError {
  return new DomainError("CONFLICT", message, {
    reason: "SESSION_LOCKED",
    holder,
    next_action: waitOrLookElsewhere(holder),
  });
}

/** Whether a writer is an agent, by its key or by the channel that its service states. */
function isAgent({ authMode, channel }: Writer): boolean {
  return authMode === "agent-key" || channel === AGENT_CHANNEL;
}

/**
 * Lets a write pass only if nobody else holds the record. A writer that says who it is must be the holder; one that
 * does not is a person or a service and passes. An agent must say who it is, by a name or by the newest fence.
 * @param fence the fence that the writer has sent and that was found to be the newest
 * @throws DomainError CONFLICT
 */
export function assertNotLocked(record: TrackerRecord, writer: Writer, now: number, fence?: number): void {
  const holder = holderOf(record, now);
  if (!holder || holder.session_id === "") return;
  const identities = identitiesOf(writer);
  const anonymous = identities.length === 0;
  if (anonymous ? !isAgent(writer) || fence !== undefined : identities.includes(holder.session_id)) return;
  throw lockedBy(holder, `The record is checked out by '${holder.session_id}'.`);
}

/**
 * Refuses a writer whose lease is not the newest one that was granted: somebody else has taken the record over since.
 * @throws DomainError STALE_FENCE
 */
export function assertFence(record: TrackerRecord, fence: number | undefined, now: number): void {
  const newest = record.fence ?? 0;
  if (fence === undefined || fence === newest) return;
  const holder = holderOf(record, now);
  throw new DomainError("STALE_FENCE", `The fence ${fence} is not the newest one of this record, which is ${newest}.`, {
    fence,
    current_fence: newest,
    ...(holder && { holder }),
    next_action: "Stop working on this record: your lease is over. Claim other work with claims/next.",
  });
}

/** The refusal of a sign of life from somebody who is not the holder any more. */
export function leaseLost(record: TrackerRecord, now: number): DomainError {
  const holder = holderOf(record, now);
  const whose = holder ? `The record is checked out by '${holder.session_id}' now.` : "Nobody holds the record now.";
  return new DomainError("LEASE_LOST", `This lease is over. ${whose}`, {
    ...(holder && { holder }),
    current_fence: record.fence ?? 0,
    next_action: "Stop working on this record. Check it out again, or claim other work with claims/next.",
  });
}

/**
 * The record as its new holder has it. The fence rises with every grant and never falls, also over releases and
 * expiries. Who takes a parked record expressly unparks it.
 * @param seconds how long the lease lasts
 */
export function granted(record: TrackerRecord, holder: string, seconds: number, now: number): TrackerRecord {
  return {
    ...record,
    active_agent_session: true,
    active_agent_session_id: holder,
    active_agent_session_at: timestamp(now),
    lease_id: newId(),
    lease_expires_at: timestamp(now + seconds * 1000),
    lease_heartbeat_at: undefined,
    fence: (record.fence ?? 0) + 1,
    parked_at: undefined,
    parked_reason: undefined,
  };
}

/** The record without a holder. The fence stays. */
export function released(record: TrackerRecord): TrackerRecord {
  return {
    ...record,
    active_agent_session: false,
    active_agent_session_id: "",
    active_agent_session_at: undefined,
    lease_id: undefined,
    lease_expires_at: undefined,
    lease_heartbeat_at: undefined,
  };
}
