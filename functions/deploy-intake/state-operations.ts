import { contentTag, replyUnlessKnown } from "@enceladus/middleware/entity-tag";
import { operation, type ProjectRule } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { type AuthContext, projectsVisibleTo } from "@enceladus/shared/auth-context";
import * as z from "zod";
import {
  isRegistered,
  notRegistered,
  type PublishedState,
  setState,
  shownState,
  stateChange,
  triggerProject,
} from "../../domain/deployments/index.ts";
import { DEPLOY, projectParams, stateAnswer, stateSetAnswer, triggeredAnswer } from "./schemas.ts";

const registeredProject: ProjectRule<{ projectId: string }> = {
  of: ({ projectId }) => projectId,
  exists: isRegistered,
  refusal: notRegistered,
};

/** How the state names who set it. */
function labelOf(caller: AuthContext): string {
  if (caller.mode === "cognito") return caller.email || caller.sub;
  return caller.mode === "internal-key" ? "api-user" : caller.sub;
}

/** The tag of a state, which does not tell projects apart. */
function tagOf(state: PublishedState): string {
  return contentTag(state);
}

export const getDeployState = operation({
  ...DEPLOY,
  id: "getDeployState",
  scope: "deploy:read",
  method: "GET",
  path: "/api/v1/deploy/state/{projectId}",
  alias: "/state/{projectId}",
  summary: "Reads whether a project is deployed",
  description:
    "ACTIVE, the default, or PAUSED: requests are stored and wait. `ETag` is a hash of the state; an unchanged one is 304.",
  // A project that is not registered is like one whose state was never set.
  project: "in-handler",
  params: projectParams,
  responses: {
    200: { description: "The state", schema: stateAnswer },
    304: { description: "The caller has it already", schema: z.undefined() },
  },
  handler: async ({ params, caller, request }) => {
    const state = await shownState(params.projectId, projectsVisibleTo(caller));
    return replyUnlessKnown(request, tagOf(state), { success: true, project_id: params.projectId, ...state });
  },
});

export const setDeployState = operation({
  ...DEPLOY,
  id: "setDeployState",
  scope: "deploy:admin",
  method: "PATCH",
  path: "/api/v1/deploy/state/{projectId}",
  alias: "/state/{projectId}",
  summary: "Pauses or activates the deployments of a project",
  description:
    "Safe to repeat: a second pause keeps `paused_since`. What is pending is deployed once the project is active.",
  project: registeredProject,
  versioned: true,
  params: projectParams,
  body: stateChange,
  responses: { 200: { description: "The state is set", schema: stateSetAnswer } },
  handler: async ({ params, body, caller, preconditions: { ifMatch }, onceKey }) => {
    const setter = {
      label: labelOf(caller),
      ...(ifMatch !== undefined && { ifMatch }),
      tagOf: (state: PublishedState) => tagOf(state).slice(1, -1),
      onceKey,
    };
    const { state, message, pending } = await setState(params.projectId, body, setter);
    const answer = {
      success: true,
      project_id: params.projectId,
      ...state,
      message,
      ...(pending !== undefined && { pending_requests_triggered: pending }),
    };
    return reply(200, answer, { ETag: tagOf(state) });
  },
});

export const triggerDeployment = operation({
  ...DEPLOY,
  id: "triggerDeployment",
  scope: "deploy:write",
  method: "POST",
  path: "/api/v1/deploy/trigger/{projectId}",
  alias: "/trigger/{projectId}",
  summary: "Has the pending requests of a project looked at",
  description: "Nothing is triggered while the project is paused.",
  // That there is nobody to be told is said of any project.
  project: "in-handler",
  params: projectParams,
  body: z.object({}),
  responses: { 200: { description: "Whether the project will be looked at", schema: triggeredAnswer } },
  handler: async ({ params, caller, onceKey }) => {
    const triggered = await triggerProject(params.projectId, projectsVisibleTo(caller), onceKey);
    return reply(200, { success: true, project_id: params.projectId, ...triggered });
  },
});
