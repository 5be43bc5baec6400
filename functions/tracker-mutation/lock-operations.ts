import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { type AuthContext, holdsScope } from "@enceladus/shared/auth-context";
import * as z from "zod";
import { checkout, heartbeat, release, writerOf } from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { claims, lease, leaseSeconds, recordParams, success } from "./schemas.ts";
import { targetOf } from "./target.ts";

const PATH = "/api/v1/tracker/{project}/{type}/{id}/checkout";

const holder = {
  session_id: z.string().nullish().meta({ description: "The name of the holder; default the provider" }),
  ...claims,
};

const COMMON = {
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  params: recordParams,
  bodyLimit: 262_144,
  project: existingProject,
  fenced: true,
} as const;

type Grant = Awaited<ReturnType<typeof checkout>>;
type Released = Awaited<ReturnType<typeof release>>;

/** What a holder learns; the same for both ways to check out. */
export function checkoutAnswer({ record, holder, lease }: Grant) {
  return {
    success: true as const,
    record_id: record.item_id,
    checkout: true,
    active_agent_session_id: holder,
    lease,
    updated_at: record.updated_at,
  };
}

/** What a release answers; the same for both ways to release. */
export function releaseAnswer(record: Released) {
  return { success: true as const, record_id: record.item_id, checkout: false, updated_at: record.updated_at };
}

interface ForcedBody {
  force?: boolean | null | undefined;
  reason?: string | null | undefined;
}

interface CheckoutBody extends ForcedBody {
  lease_seconds?: number | null | undefined;
}

interface ReleaseBody extends ForcedBody {
  lease_id?: string | null | undefined;
}

function forcing(body: ForcedBody, caller: AuthContext) {
  return {
    force: body.force === true,
    mayForce: holdsScope(caller, "tracker:admin"),
    reason: body.reason?.trim() || undefined,
  };
}

/** What is asked for, and whether the caller may take a record that is blocked. */
export function checkoutRequest(body: CheckoutBody, caller: AuthContext) {
  return { seconds: body.lease_seconds ?? undefined, ...forcing(body, caller) };
}

/** What is asked for, and whether the caller may take a record from its holder. */
export function releaseRequest(body: ReleaseBody, caller: AuthContext) {
  return { leaseId: body.lease_id ?? undefined, ...forcing(body, caller) };
}

const force = {
  force: z.boolean().nullish(),
  reason: z.string().max(2_000).nullish().meta({ description: "Written to the history; needed with force" }),
};

export const checkoutRecord = operation({
  ...COMMON,
  id: "checkoutRecord",
  method: "POST",
  path: PATH,
  summary: "Takes a record for one holder",
  description:
    "Of any number of callers at once one gets it. The lease ends by itself; its fence rises with every grant. A record with " +
    "open blockers is refused with `BLOCKED`, unless a caller with `tracker:admin` forces it and says why.",
  body: z.object({ ...holder, lease_seconds: leaseSeconds, ...force, action: z.unknown().optional() }),
  responses: {
    200: {
      description: "Taken",
      schema: success({
        record_id: z.string(),
        checkout: z.literal(true),
        active_agent_session_id: z.string(),
        lease,
        updated_at: z.string(),
      }),
    },
  },
  handler: async (call) => {
    const { body, caller } = call;
    const grant = await checkout(targetOf(call), writerOf(body, caller), checkoutRequest(body, caller));
    return reply(200, checkoutAnswer(grant), { ETag: versionTag(grant.record.sync_version ?? 0) });
  },
});

export const heartbeatRecord = operation({
  ...COMMON,
  id: "heartbeat",
  method: "POST",
  path: `${PATH}/heartbeat`,
  summary: "A sign of life of the holder: its lease lasts longer",
  description:
    "Never shorter. A lease that has ended lives on if nobody has taken the record since; else the answer is 409 `LEASE_LOST` " +
    "with the new holder. Written at most once in 10 s; it is no change of the record.",
  body: z.object({
    lease_id: z.string().min(1).max(100),
    lease_seconds: leaseSeconds,
    session_id: z.string().nullish(),
    ...claims,
  }),
  responses: {
    200: {
      description: "Still yours",
      schema: success({ record_id: z.string(), lease, last_heartbeat_at: z.string().nullable() }),
    },
  },
  handler: async (call) => {
    const { body, caller } = call;
    const seconds = body.lease_seconds ?? undefined;
    const beat = await heartbeat(targetOf(call), writerOf(body, caller), body.lease_id, seconds);
    return reply(200, {
      success: true,
      record_id: beat.record.item_id,
      lease: beat.lease,
      last_heartbeat_at: beat.lastHeartbeatAt ?? null,
    });
  },
});

export const releaseRecord = operation({
  ...COMMON,
  id: "releaseRecord",
  method: "DELETE",
  path: PATH,
  summary: "Gives a record back",
  description:
    "By its holder; a caller with admin rights may force it, and the history says so. Releasing a free record succeeds.",
  body: z.object({
    ...holder,
    lease_id: z.string().nullish(),
    ...force,
    action: z.unknown().optional(),
  }),
  responses: {
    200: {
      description: "Free",
      schema: success({ record_id: z.string(), checkout: z.literal(false), updated_at: z.string() }),
    },
  },
  handler: async (call) => {
    const { body, caller } = call;
    const released = await release(targetOf(call), writerOf(body, caller), releaseRequest(body, caller));
    return reply(200, releaseAnswer(released), { ETag: versionTag(released.sync_version ?? 0) });
  },
});
