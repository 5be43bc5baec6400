import { expect } from "@jest/globals";
import type { TrackerBody } from "../tracker-api.ts";
import type { Asked } from "./asked.ts";
import { isOver } from "./lifecycle.ts";
import {
  changed,
  isBlocked,
  isLive,
  type ModelRecord,
  type Picture,
  readyRecords,
  type Session,
  withRecord,
} from "./picture.ts";
import type { Rows } from "./rows.ts";
import { changes, done, refused, unmet, type Verdict } from "./verdict.ts";

type Of<What extends Asked["what"]> = Extract<Asked, { what: What }>;

const DEFAULT_SECONDS = 14_400;
const BEATS_APART = 10_000;

function endOf(now: number, seconds: number | undefined): number {
  return now + 1_000 * (seconds ?? DEFAULT_SECONDS);
}

/** The picture after a grant. The id of the lease is the system's to choose, and is a new one. */
function granted(picture: Picture, id: string, asked: Of<"checkout" | "claim">, rows: Rows): Picture {
  const record = picture.records.get(id) as ModelRecord;
  const leaseId = String(rows.get(id)?.lease_id);
  const session: Session = {
    holder: String(asked.asker.session_id),
    leaseId: leaseId === record.session?.leaseId ? "a new one" : leaseId,
    endsAt: endOf(picture.now, asked.seconds),
    beatAt: undefined,
  };
  return changed(picture, id, { session, fence: record.fence + 1 });
}

function expectLease(body: TrackerBody, after: ModelRecord | undefined): void {
  const lease = body.lease as { lease_id: string; fence: number; expires_at: string };
  expect([lease.lease_id, lease.fence, Date.parse(lease.expires_at)]).toEqual([
    after?.session?.leaseId,
    after?.fence,
    after?.session?.endsAt,
  ]);
}

function judgeCheckout(picture: Picture, record: ModelRecord, asked: Of<"checkout">): Verdict {
  const refusal = unmet(record, asked);
  if (refusal) return refusal;
  if (isLive(record, picture.now)) return refused(409, "CONFLICT");
  if (isBlocked(picture, record.id) && !asked.force) return refused(409, "BLOCKED");
  return {
    isRefused: false,
    status: 200,
    after: (rows) => granted(picture, record.id, asked, rows),
    says: (body, after) => expectLease(body, after.records.get(record.id)),
  };
}

function judgeHeartbeat(picture: Picture, record: ModelRecord, asked: Of<"heartbeat">): Verdict {
  const { session } = record;
  const refusal = unmet(record, asked);
  if (refusal) return refusal;
  if (!session || session.leaseId !== asked.leaseId) return refused(409, "LEASE_LOST");
  const isDue = session.beatAt === undefined || session.beatAt <= picture.now - BEATS_APART;
  const endsAt = Math.max(session.endsAt, endOf(picture.now, asked.seconds));
  const beaten = isDue ? { ...session, beatAt: picture.now, endsAt } : session;
  return done(withRecord(picture, record.id, { session: beaten }), 200, (body, after) =>
    expectLease(body, after.records.get(record.id)),
  );
}

function judgeRelease(picture: Picture, record: ModelRecord, asked: Of<"release">): Verdict {
  const refusal = unmet(record, asked);
  if (refusal) return refusal;
  const { session } = record;
  const { leaseId, force, asker } = asked;
  const isHolder = leaseId ? leaseId === session?.leaseId : asker.session_id === session?.holder;
  // A trusted service that names nobody stands in for the holder.
  const namesNobody = !leaseId && !asker.session_id;
  if (isLive(record, picture.now) && !isHolder && !namesNobody && !force) return refused(409, "NOT_HOLDER");
  return changes(picture, asked, { session: undefined });
}

/** What a person is told who finds nothing to do. */
function countsOf({ records, now }: Picture, picture: Picture, types: readonly string[]) {
  const open = [...records.values()].filter(({ type, status }) => types.includes(type) && !isOver(status));
  const leased = open.filter((record) => isLive(record, now));
  const blocked = open.filter((record) => !isLive(record, now) && isBlocked(picture, record.id));
  return { blocked: blocked.length, leased: leased.length, parked: 0 };
}

/** @param inOrder whether the container knows of everything that was written, so that it hands out the best one */
export function judgeClaim(picture: Picture, asked: Of<"claim">, inOrder: boolean): Verdict {
  if (!asked.asker.session_id) return refused(400, "INVALID_INPUT");
  const ready = readyRecords(picture, asked.types);
  const [best] = ready;
  if (!best) {
    return refused(404, "NOTHING_READY", ({ error_envelope }) =>
      expect(error_envelope.details.counts).toEqual(countsOf(picture, picture, asked.types)),
    );
  }
  const taken = (rows: Rows) => ready.find(({ id, fence }) => Number(rows.get(id)?.fence) > fence) ?? best;
  return {
    isRefused: false,
    status: 200,
    after: (rows) => granted(picture, inOrder ? best.id : taken(rows).id, asked, rows),
    says: (body, after) => {
      const id = String(body.record.item_id);
      expectLease(body, after.records.get(id));
      expect([id, after.records.get(id)?.version]).toEqual([id, (picture.records.get(id)?.version ?? 0) + 1]);
      if (inOrder) expect(body.ready_left).toBe(ready.length - 1);
    },
  };
}

/** Who may work on a record. */
export function judgeLease(picture: Picture, asked: Of<"checkout" | "heartbeat" | "release">): Verdict {
  if (asked.what === "checkout") {
    if (!asked.asker.session_id || (asked.force && !asked.reason)) return refused(400, "INVALID_INPUT");
  }
  const record = picture.records.get(asked.id);
  if (!record) return refused(404, "NOT_FOUND");
  if (asked.what === "checkout") return judgeCheckout(picture, record, asked);
  return asked.what === "heartbeat" ? judgeHeartbeat(picture, record, asked) : judgeRelease(picture, record, asked);
}
