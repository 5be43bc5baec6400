import { replyUnlessKnown, versionTag } from "@enceladus/middleware/entity-tag";
import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import * as z from "zod";
import {
  getRecord,
  type ListedRecord,
  listAllPendingNotes,
  listPendingNotes,
  listRecords,
} from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { projectParams, record, recordList, recordPage, recordParams, success } from "./schemas.ts";

const READ = { tag: "tracker", auth: ["cookie", "internal-key", "agent-key"], scope: "tracker:read" } as const;

/** What a list shows of a record: the fields that were asked for, and always its id. */
function withOnly(fields: readonly string[] | undefined) {
  return (record: ListedRecord) => withFields(record, fields, ["item_id"]);
}

export const listPendingUpdates = operation({
  ...READ,
  id: "listPendingUpdates",
  method: "GET",
  path: "/api/v1/tracker/pending-updates",
  project: "in-handler",
  summary: "Lists the records with a note that waits for an agent",
  description:
    "Oldest note first. An agent that has read a note clears it by setting the field `update` to an empty text.",
  query: z.object({
    project: z.string().max(100).optional(),
    all: z.string().max(10).optional().meta({ description: "true, 1 or yes: of all projects that the caller may see" }),
    ...recordPage,
  }),
  responses: { 200: { description: "The records", schema: recordList } },
  handler: async ({ query, caller }) => {
    const all = ["true", "1", "yes"].includes(query.all?.toLowerCase() ?? "");
    const project = all ? undefined : query.project || undefined;
    const request = { limit: query.limit, cursor: query.cursor, shown: withOnly(query.fields) };
    const visible = projectsVisibleTo(caller);
    const { records, nextCursor } = await (project === undefined
      ? listAllPendingNotes(request, visible)
      : listPendingNotes(project, request, visible));
    return reply(200, { success: true, records, count: records.length, next_cursor: nextCursor });
  },
});

export const listProjectRecords = operation({
  ...READ,
  id: "listRecords",
  method: "GET",
  path: "/api/v1/tracker/{project}",
  project: "in-handler",
  summary: "Lists the records of a project",
  description: "In the order of their ids. Without a limit a page ends at 1,000 records or 5 MB.",
  params: projectParams,
  query: z.object({
    type: z.string().max(64).optional(),
    status: z.string().max(64).optional(),
    view: z
      .enum(["full", "summary"])
      .optional()
      .meta({ description: "summary leaves out history, description and evidence" }),
    ...recordPage,
  }),
  responses: { 200: { description: "The records", schema: recordList } },
  handler: async ({ params, query, caller }) => {
    const filter = { type: query.type || undefined, status: query.status || undefined };
    const view = query.view === "summary" ? query.view : undefined;
    const request = { limit: query.limit, cursor: query.cursor, view, shown: withOnly(query.fields) };
    const visible = projectsVisibleTo(caller);
    const { records, nextCursor } = await listRecords(params.project, filter, request, visible);
    return reply(200, { success: true, records, count: records.length, next_cursor: nextCursor });
  },
});

export const getProjectRecord = operation({
  ...READ,
  id: "getRecord",
  method: "GET",
  path: "/api/v1/tracker/{project}/{type}/{id}",
  summary: "Reads a record",
  description: "`ETag` is its `sync_version`; with `If-None-Match` one that is still of that version is 304.",
  params: recordParams,
  project: existingProject,
  responses: {
    200: { description: "The record", schema: success({ record }) },
    304: { description: "The caller has it as it is", schema: z.undefined() },
  },
  handler: async ({ params, request }) => {
    const found = await getRecord({ projectId: params.project, type: params.type, itemId: params.id });
    const tag = versionTag(found.sync_version ?? 0);
    return replyUnlessKnown(request, tag, { success: true, record: found });
  },
});
