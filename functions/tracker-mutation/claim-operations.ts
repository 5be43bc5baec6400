import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import * as z from "zod";
import { claimNext, explain, listReady, RECORD_TYPES, type RecordType, writerOf } from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import {
  claims,
  holder,
  lease,
  leaseSeconds,
  listedRecord,
  projectParams,
  record,
  recordPage,
  recordParams,
  success,
} from "./schemas.ts";

const COMMON = { tag: "tracker", auth: ["cookie", "internal-key", "agent-key"], project: existingProject } as const;

/** What is looked at unless the caller says otherwise: features are planned, their tasks are worked on. */
const DEFAULT_TYPES: readonly RecordType[] = ["task", "issue"];
const MOST_LABELS = 32;
const label = z.string().trim().min(1).max(64);

export const claimNextRecord = operation({
  ...COMMON,
  scope: "tracker:write",
  id: "claimNext",
  method: "POST",
  path: "/api/v1/tracker/{project}/claims/next",
  summary: "Hands out the best ready record and leases it",
  description:
    "Ready is what is open, held by nobody, not parked, and not blocked by an open record, be it through a parent. Priority " +
    "first, then age. Any number of callers at once get different records. Where nothing is ready the answer is 404 " +
    "`NOTHING_READY` and says why and when to ask again.",
  params: projectParams,
  bodyLimit: 262_144,
  body: z.object({
    session_id: z.string().nullish().meta({ description: "The name of the holder; default the provider" }),
    types: z.array(z.enum(RECORD_TYPES)).min(1).max(3).nullish().meta({ description: "Default: task and issue" }),
    labels: z.array(label).max(MOST_LABELS).nullish().meta({ description: "Only records that have all of these" }),
    assigned_to: z.string().trim().min(1).max(500).nullish(),
    lease_seconds: leaseSeconds,
    ...claims,
  }),
  responses: {
    200: {
      description: "Yours",
      schema: success({
        record,
        lease,
        ready_left: z.number().int().meta({ description: "How many more are ready for the same request" }),
        ready_left_is_lower_bound: z.literal(true).optional(),
      }),
    },
  },
  handler: async ({ params, body, caller, onceKey }) => {
    const claim = await claimNext(
      {
        projectId: params.project,
        types: [...new Set(body.types ?? DEFAULT_TYPES)],
        labels: body.labels ?? [],
        assignedTo: body.assigned_to ?? undefined,
        seconds: body.lease_seconds ?? undefined,
        onceKey,
      },
      writerOf(body, caller),
    );
    return reply(200, {
      success: true,
      record: claim.record,
      lease: claim.lease,
      ready_left: claim.readyLeft,
      ...(claim.readyLeftIsLowerBound && { ready_left_is_lower_bound: true as const }),
    });
  },
});

/** A comma list in a query. */
function commaList<Entry extends z.ZodType<unknown, string>>(entry: Entry, most: number) {
  return z
    .string()
    .max(4_096)
    .transform((text) => [...new Set(text.split(",").map((part) => part.trim()))].filter((part) => part !== ""))
    .pipe(z.array(entry).min(1).max(most))
    .optional();
}

export const listReadyRecords = operation({
  ...COMMON,
  scope: "tracker:read",
  id: "listReady",
  method: "GET",
  path: "/api/v1/tracker/{project}/ready",
  summary: "Lists what can be claimed, in the order in which it is handed out",
  params: projectParams,
  query: z.object({
    types: commaList(z.enum(RECORD_TYPES), RECORD_TYPES.length).meta({ description: "Comma list; default task,issue" }),
    labels: commaList(label, MOST_LABELS).meta({ description: "Comma list: only records that have all of these" }),
    assigned_to: z.string().trim().min(1).max(500).optional(),
    ...recordPage,
  }),
  responses: {
    200: {
      description: "The records, best first",
      schema: success({ records: z.array(listedRecord), next_cursor: z.string().optional() }),
    },
  },
  handler: async ({ params, query, caller }) => {
    const filter = {
      projectId: params.project,
      types: query.types ?? DEFAULT_TYPES,
      labels: query.labels ?? [],
      assignedTo: query.assigned_to,
    };
    const { records, nextCursor } = await listReady(
      filter,
      {
        limit: query.limit,
        cursor: query.cursor,
        shown: (listed) => withFields(listed, query.fields, ["item_id"]),
      },
      writerOf({}, caller),
    );
    return reply(200, { success: true, records, ...(nextCursor && { next_cursor: nextCursor }) });
  },
});

const blocker = z
  .object({
    record_id: z.string(),
    project_id: z.string().optional(),
    title: z.string().optional(),
    status: z.string().optional(),
    inherited_from: z.string().optional().meta({ description: "The parent through which it blocks" }),
  })
  .meta({
    id: "Blocker",
    description: "A record that must close first; of one that the caller may not see only the id",
  });

export const explainRecord = operation({
  ...COMMON,
  scope: "tracker:read",
  id: "explainRecord",
  method: "GET",
  path: "/api/v1/tracker/{project}/{type}/{id}/explain",
  summary: "Says why a record is ready to be claimed, or is not",
  params: recordParams,
  responses: {
    200: {
      description: "Every reason that holds it up",
      schema: success({
        record_id: z.string(),
        title: z.string(),
        status: z.string(),
        ready: z.boolean(),
        reasons: z.array(
          z.discriminatedUnion("code", [
            z.object({ code: z.literal("CLOSED"), status: z.string() }),
            z.object({ code: z.literal("LEASED"), holder }),
            z.object({ code: z.literal("BLOCKED"), blockers: z.array(blocker) }),
            z.object({ code: z.literal("PARKED"), since: z.string(), reason: z.string().nullable() }),
          ]),
        ),
      }),
    },
  },
  handler: async ({ params, caller }) => {
    const address = { projectId: params.project, type: params.type, itemId: params.id };
    const { itemId, ...explanation } = await explain(address, projectsVisibleTo(caller));
    return reply(200, { success: true, record_id: itemId, ...explanation });
  },
});
