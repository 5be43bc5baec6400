import { contentTag, replyUnlessKnown } from "@enceladus/middleware/entity-tag";
import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import * as z from "zod";
import { getSpec, listDeployments } from "../../domain/deployments/index.ts";
import { projectOfCall } from "./project-of-call.ts";
import { DEPLOY, historyAnswer, ofProject, page, projectParams, specAnswer, specParams } from "./schemas.ts";

export const getDeploySpec = operation({
  ...DEPLOY,
  id: "getDeploySpec",
  scope: "deploy:read",
  method: "GET",
  path: "/api/v1/deploy/status/{specId}",
  alias: "/status/{specId}",
  summary: "Reads what several requests have become together",
  description:
    "`building`, then `deployed` or `failed`; `queued_non_ui` is left to somebody else. `ETag` is a hash of the spec; an " +
    "unchanged one is 304.",
  project: "in-handler",
  params: specParams,
  query: ofProject,
  responses: {
    200: { description: "The spec", schema: specAnswer },
    304: { description: "The caller has it already", schema: z.undefined() },
  },
  handler: async ({ params, query, caller, request }) => {
    const projectId = projectOfCall(query.project, request);
    const spec = await getSpec(projectId, params.specId, projectsVisibleTo(caller));
    return replyUnlessKnown(request, contentTag(spec), { success: true, ...spec });
  },
});

export const listDeployHistory = operation({
  ...DEPLOY,
  id: "listDeployHistory",
  scope: "deploy:read",
  method: "GET",
  path: "/api/v1/deploy/history/{projectId}",
  alias: "/history/{projectId}",
  summary: "Lists the deployments of a project",
  description: "The latest first. A project that is not registered has none.",
  project: "in-handler",
  params: projectParams,
  query: page(10, 50, "deploy_id"),
  responses: { 200: { description: "A page of deployments", schema: historyAnswer } },
  handler: async ({ params, query, caller }) => {
    const { limit, cursor, fields } = query;
    const visible = projectsVisibleTo(caller);
    const { items, nextCursor } = await listDeployments(params.projectId, { limit, cursor }, visible);
    return reply(200, {
      success: true,
      project_id: params.projectId,
      deployments: items.map((deployment) => withFields(deployment, fields, ["deploy_id"])),
      ...(nextCursor !== null && { next_cursor: nextCursor }),
    });
  },
});
