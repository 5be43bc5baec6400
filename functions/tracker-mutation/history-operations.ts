import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import * as z from "zod";
import { readHistory, verifyChains } from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { historyEntry, page, projectParams, recordParams, success } from "./schemas.ts";

const READ = {
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:read",
  method: "GET",
  project: existingProject,
} as const;

const nextCursor = z.string().optional().meta({ description: "Only when more follow" });

export const getRecordHistory = operation({
  ...READ,
  id: "getRecordHistory",
  path: "/api/v1/tracker/{project}/{type}/{id}/history",
  summary: "Lists every change of a record",
  description:
    "Newest first, each as it was chained: `hash` is the SHA-256 over the canonical JSON (RFC 8785) of the entry without " +
    "it, `prev_hash` the hash of the entry before. Without a limit a page has 100 entries; it ends before 5 MB.",
  params: recordParams,
  query: z.object(page),
  responses: {
    200: {
      description: "The entries",
      schema: success({ record_id: z.string(), entries: z.array(historyEntry), next_cursor: nextCursor }),
    },
  },
  handler: async ({ params, query }) => {
    const address = { projectId: params.project, type: params.type, itemId: params.id };
    const { items, nextCursor } = await readHistory(address, { limit: query.limit, cursor: query.cursor });
    return reply(200, {
      success: true,
      record_id: params.id,
      entries: items,
      ...(nextCursor !== null && { next_cursor: nextCursor }),
    });
  },
});

export const verifyProjectChains = operation({
  ...READ,
  id: "verifyProjectChains",
  path: "/api/v1/tracker/{project}/audit/verify",
  summary: "Checks that no history was edited",
  description:
    "Recomputes the chains of the project's records in the order of their ids, and compares their ends with the records. " +
    "A page ends at the first entry that is broken, at `limit` records (default 100) or at about 2,000 entries; the next " +
    "one goes on behind it, inside a long chain too. What `verified` says is said of the page.",
  params: projectParams,
  query: z.object(page),
  responses: {
    200: {
      description: "What was found",
      schema: success({
        verified: z.boolean(),
        records_checked: z.number().int().meta({ description: "Records whose chain was checked to its end or break" }),
        entries_checked: z.number().int().meta({ description: "Entries that are as they should be" }),
        first_broken: z
          .object({ record_id: z.string(), seq: z.number().int(), reason: z.string() })
          .nullable()
          .meta({ description: "The first entry that is missing, changed or out of place" }),
        next_cursor: nextCursor,
      }),
    },
  },
  handler: async ({ params, query }) => {
    const found = await verifyChains(params.project, { limit: query.limit, cursor: query.cursor });
    const broken = found.firstBroken;
    return reply(200, {
      success: true,
      verified: broken === null,
      records_checked: found.recordsChecked,
      entries_checked: found.entriesChecked,
      first_broken: broken && { record_id: broken.itemId, seq: broken.seq, reason: broken.reason },
      ...(found.nextCursor !== null && { next_cursor: found.nextCursor }),
    });
  },
});
