import { contentTag, replyUnlessKnown } from "@enceladus/middleware/entity-tag";
import { withFields } from "@enceladus/middleware/list-fields";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { projectsVisibleTo } from "@enceladus/shared/auth-context";
import * as z from "zod";
import { cancelRequest, getRequest, listPending, newRequest, submitRequest } from "../../domain/deployments/index.ts";
import { projectOfCall } from "./project-of-call.ts";
import {
  cancelledAnswer,
  DEPLOY,
  ofProject,
  page,
  pendingAnswer,
  projectParams,
  requestAnswer,
  requestParams,
  submittedAnswer,
} from "./schemas.ts";

export const submitDeployRequest = operation({
  ...DEPLOY,
  id: "submitDeployRequest",
  scope: "deploy:write",
  method: "POST",
  path: "/api/v1/deploy/submit",
  alias: "/submit",
  summary: "Asks for a deployment",
  description:
    "The request is stored, and deployed together with what else is pending 60 seconds later, unless the project is " +
    "paused. A pre-deploy hook that fails is a 409 with `pre_deploy_results`; nothing is stored then.",
  // The project is in the body.
  project: "in-handler",
  body: newRequest,
  responses: { 200: { description: "The request is stored", schema: submittedAnswer } },
  handler: async ({ body, caller, onceKey }) => {
    const by = { principal: caller.sub, visible: projectsVisibleTo(caller) };
    return reply(200, { success: true, ...(await submitRequest(body, by, onceKey)) });
  },
});

export const listPendingRequests = operation({
  ...DEPLOY,
  id: "listPendingRequests",
  scope: "deploy:read",
  method: "GET",
  path: "/api/v1/deploy/pending/{projectId}",
  alias: "/pending/{projectId}",
  summary: "Lists the requests that wait to be deployed",
  description: "The oldest first. A project that is not registered has none.",
  project: "in-handler",
  params: projectParams,
  query: page(50, 200, "request_id"),
  responses: { 200: { description: "A page of requests", schema: pendingAnswer } },
  handler: async ({ params, query, caller }) => {
    const { limit, cursor, fields } = query;
    const { items, nextCursor } = await listPending(params.projectId, { limit, cursor }, projectsVisibleTo(caller));
    return reply(200, {
      success: true,
      project_id: params.projectId,
      count: items.length,
      requests: items.map((request) => withFields(request, fields, ["request_id"])),
      ...(nextCursor !== null && { next_cursor: nextCursor }),
    });
  },
});

export const getDeployRequest = operation({
  ...DEPLOY,
  id: "getDeployRequest",
  scope: "deploy:read",
  method: "GET",
  path: "/api/v1/deploy/request/{requestId}",
  alias: "/request/{requestId}",
  summary: "Reads a request",
  description: "`spec_id` is there once it is included. `ETag` is a hash of the request; an unchanged one is 304.",
  project: "in-handler",
  params: requestParams,
  query: ofProject,
  responses: {
    200: { description: "The request", schema: requestAnswer },
    304: { description: "The caller has it already", schema: z.undefined() },
  },
  handler: async ({ params, query, caller, request }) => {
    const projectId = projectOfCall(query.project, request);
    const found = await getRequest(projectId, params.requestId, projectsVisibleTo(caller));
    return replyUnlessKnown(request, contentTag(found), { success: true, ...found });
  },
});

export const cancelDeployRequest = operation({
  ...DEPLOY,
  id: "cancelDeployRequest",
  scope: "deploy:write",
  method: "POST",
  path: "/api/v1/deploy/cancel/{requestId}",
  alias: "/cancel/{requestId}",
  summary: "Takes a pending request back",
  description: "The way out where pending requests block each other. One that is not pending is a 409.",
  project: "in-handler",
  versioned: true,
  params: requestParams,
  query: ofProject,
  body: z.object({
    project_id: z.string().max(255).nullish().describe("Where the query does not name the project"),
  }),
  responses: { 200: { description: "It will not be deployed", schema: cancelledAnswer } },
  handler: async ({ params, query, caller, request, onceKey, preconditions: { ifMatch } }) => {
    const projectId = projectOfCall(query.project, request);
    const cancelled = await cancelRequest(projectId, params.requestId, {
      principal: caller.sub,
      visible: projectsVisibleTo(caller),
      ...(ifMatch !== undefined && { ifMatch }),
      tagOf: (shown) => contentTag(shown).slice(1, -1),
      onceKey,
    });
    return reply(200, { success: true, project_id: projectId, ...cancelled });
  },
});
