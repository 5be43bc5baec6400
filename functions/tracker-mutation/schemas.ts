import { listFields } from "@enceladus/middleware/list-fields";
import { pageLimit } from "@enceladus/middleware/page-limit";
import * as z from "zod";
import { LIMITS, RECORD_TYPES } from "../../domain/tracker/index.ts";

/** Path parameters. A type or project that does not fit leads to no route. */
export const projectParams = z.object({ project: z.string().regex(/^[a-z0-9_-]{1,100}$/) });
export const typeParams = projectParams.extend({ type: z.enum(RECORD_TYPES) });
export const recordParams = typeParams.extend({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .transform((id) => id.toUpperCase())
    .meta({ description: "The id of the record, ENC-TSK-086; case does not matter" }),
});

const text = z.string().max(LIMITS.text).nullish();

/** Who writes, as the body claims it. */
export const claims = {
  write_source: z
    .object({ channel: text, provider: text, dispatch_id: text, coordination_request_id: text })
    .nullish()
    .meta({ description: "Who writes and through what; what the credential says is stored beside it" }),
  provider: text.meta({ description: "Used where write_source has none" }),
  dispatch_id: text,
  coordination_request_id: text,
};

/** Which version a write was made for. */
export const expectedVersion = z.number().int().nonnegative().nullish().meta({
  description: "The `sync_version` that the record must have; the older way to say If-Match, refused with 409",
});

export const page = {
  limit: pageLimit(1_000, "a whole number from 1 to 1000 is wanted"),
  cursor: z.string().min(1).max(4_096).optional(),
};

/** A page of a list of records. */
export const recordPage = { ...page, fields: listFields("item_id") };

const historyNote = z.object({
  timestamp: z.string(),
  status: z.enum(["created", "worklog", "close_audit", "reopened"]),
  description: z.string(),
  agent_details: z.string().optional(),
  closed_time: z.string().optional(),
});

export const record = z
  .looseObject({
    project_id: z.string(),
    record_id: z.string(),
    record_type: z.string(),
    item_id: z.string(),
    title: z.string(),
    status: z.string(),
    sync_version: z.number().int().optional(),
    created_at: z.string().optional(),
    updated_at: z.string().optional(),
    fence: z.number().int().optional(),
    history: z.array(historyNote),
    history_truncated: z.literal(true).optional(),
  })
  .meta({ id: "TrackerRecord", description: "A task, issue or feature with all its attributes" });

/** As lists show it: the newest entries of the history, none of them in a summary; with `fields` those only. */
export const listedRecord = record.partial().required({ item_id: true }).meta({
  id: "ListedTrackerRecord",
  description: "A record in a list; a summary leaves out what is long, `fields` all that it does not name",
});

export const recordList = z.object({
  success: z.literal(true),
  records: z.array(listedRecord),
  count: z.number().int(),
  next_cursor: z.string().nullable(),
});

/** An entry of a record's chain, as it is stored and hashed. */
export const historyEntry = z
  .object({
    project_id: z.string(),
    record_id: z.string().meta({ description: "The key of the record: its type and id, task#ENC-TSK-086" }),
    seq: z.number().int(),
    at: z.string(),
    actor: z.string(),
    channel: z.string(),
    operation: z.string(),
    changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
    reason: z.string().optional(),
    note: historyNote.optional(),
    prev_hash: z.string(),
    hash: z.string(),
  })
  .meta({ id: "HistoryEntry", description: "One committed change; the hash covers everything else in it" });

export const lease = z
  .object({ lease_id: z.string(), fence: z.number().int(), expires_at: z.string() })
  .meta({ id: "Lease", description: "Until when the record is the holder's; the fence rises with every grant" });

/** Seconds that a lease lasts. */
export const leaseSeconds = z
  .number()
  .int()
  .min(60)
  .max(86_400)
  .nullish()
  .meta({ description: "How long the lease lasts from now on; default 14400" });

export const holder = z
  .object({
    session_id: z.string(),
    since: z.string().nullable(),
    lease_expires_at: z.string(),
    seconds_left: z.number().int(),
    last_heartbeat_at: z.string().nullable(),
  })
  .meta({ id: "Holder", description: "Who holds a record, and for how long" });

/** A success answer with these fields. */
export function success(fields: z.ZodRawShape) {
  return z.object({ success: z.literal(true), ...fields });
}
