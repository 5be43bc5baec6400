import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { type AuthContext, holdsScope } from "@enceladus/shared/auth-context";
import * as z from "zod";
import { checkout, release, writerOf } from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { claims, lease, recordParams, success } from "./schemas.ts";

const holder = {
  session_id: z.string().nullish().meta({ description: "The name of the holder; default the provider" }),
  ...claims,
};

const COMMON = {
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  path: "/api/v1/tracker/{project}/{type}/{id}/checkout",
  params: recordParams,
  bodyLimit: 262_144,
  project: existingProject,
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

interface ReleaseBody {
  lease_id?: string | null | undefined;
  force?: boolean | null | undefined;
  reason?: string | null | undefined;
}

/** What is asked for, and whether the caller may take a record from its holder. */
export function releaseRequest(body: ReleaseBody, caller: AuthContext) {
  return {
    leaseId: body.lease_id ?? undefined,
    force: body.force === true,
    mayForce: holdsScope(caller, "tracker:admin"),
    reason: body.reason?.trim() || undefined,
  };
}

export const checkoutRecord = operation({
  ...COMMON,
  id: "checkoutRecord",
  method: "POST",
  summary: "Takes a record for one holder",
  description:
    "Of any number of callers at once one gets it. The lease ends by itself; its fence rises with every grant.",
  body: z.object({
    ...holder,
    lease_seconds: z.number().int().min(60).max(86_400).nullish(),
    action: z.unknown().optional(),
  }),
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
  handler: async ({ params, body, caller }) => {
    const address = { projectId: params.project, type: params.type, itemId: params.id };
    const grant = await checkout(address, writerOf(body, caller), body.lease_seconds ?? undefined);
    return reply(200, checkoutAnswer(grant));
  },
});

export const releaseRecord = operation({
  ...COMMON,
  id: "releaseRecord",
  method: "DELETE",
  summary: "Gives a record back",
  description:
    "By its holder; a caller with admin rights may force it, and the history says so. Releasing a free record succeeds.",
  body: z.object({
    ...holder,
    lease_id: z.string().nullish(),
    force: z.boolean().nullish(),
    reason: z.string().max(2_000).nullish(),
    action: z.unknown().optional(),
  }),
  responses: {
    200: {
      description: "Free",
      schema: success({ record_id: z.string(), checkout: z.literal(false), updated_at: z.string() }),
    },
  },
  handler: async ({ params, body, caller }) => {
    const address = { projectId: params.project, type: params.type, itemId: params.id };
    const released = await release(address, writerOf(body, caller), releaseRequest(body, caller));
    return reply(200, releaseAnswer(released));
  },
});
