import { contentTag, replyUnlessKnown } from "@enceladus/middleware/entity-tag";
import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { notFound } from "@enceladus/shared/errors";
import * as z from "zod";
import { createProject, describeProject, listProjects, newProject } from "../../domain/projects/index.ts";
import { createdAnswer, listAnswer, listQuery, projectAnswer } from "./schemas.ts";

const BODY_LIMIT = 64 * 1024;

const createProjectOperation = operation({
  id: "createProject",
  method: "POST",
  path: "/api/v1/projects",
  tag: "projects",
  summary: "Creates a project",
  description:
    "Registers the project, reserves its prefix and writes the first version of its reference document. All or " +
    "nothing: what cannot be finished is taken back, and the answer says whether that worked.",
  auth: ["cookie"],
  scope: "projects:write",
  body: newProject,
  bodyLimit: BODY_LIMIT,
  responses: { 201: { description: "The project, and what was made for it", schema: createdAnswer } },
  handler: async ({ body, caller, onceKey }) => {
    const created = await createProject(body, { label: caller.sub || "unknown", onceKey });
    return reply(201, { success: true, ...created });
  },
});

const listProjectsOperation = operation({
  id: "listProjects",
  method: "GET",
  path: "/api/v1/projects",
  tag: "projects",
  summary: "Lists projects in the order of their ids",
  description: "Without `limit` up to 1,000 projects or 5 MB; `next_cursor` is there when more follow.",
  auth: ["cookie"],
  scope: "projects:read",
  query: listQuery,
  responses: { 200: { description: "A page of projects", schema: listAnswer } },
  handler: async ({ query }) => {
    const activeOnly = ["true", "1"].includes(query.active?.toLowerCase() ?? "");
    const filter = { status: query.status || undefined, activeOnly };
    const { fields, limit, cursor } = query;
    const withActivity = fields?.includes("days_since_active") ?? true;
    const { projects, nextCursor } = await listProjects(filter, { limit, cursor, withActivity });
    const shown = projects.map((project) => withFields(project, fields, ["project_id"]));
    return reply(200, { success: true, projects: shown, count: shown.length, next_cursor: nextCursor });
  },
});

const getProjectOperation = operation({
  id: "getProject",
  method: "GET",
  path: "/api/v1/projects/{projectName}",
  tag: "projects",
  summary: "Reads one project",
  description: "`ETag` is a hash of the answered project; with `If-None-Match` an unchanged one is 304.",
  auth: ["cookie"],
  scope: "projects:read",
  params: z.object({ projectName: z.string() }),
  responses: {
    200: { description: "The project", schema: projectAnswer },
    304: { description: "The caller has it already", schema: z.undefined() },
  },
  handler: async ({ params, request }) => {
    const project = await describeProject(params.projectName);
    if (!project) throw notFound(`Project '${params.projectName}' not found.`);
    return replyUnlessKnown(request, contentTag(project), { success: true, project });
  },
});

/** What the project service serves. */
export const operations = [createProjectOperation, listProjectsOperation, getProjectOperation];
