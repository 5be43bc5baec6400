import { log } from "@enceladus/shared/log";
import { tell } from "./deploy-queue.ts";
import { type DeployState, projectState } from "./project-state.ts";
import { settings } from "./settings.ts";

/** A request that was stored, and what its submitter wants of it. */
export interface StoredRequest {
  projectId: string;
  requestId: string;
  /** Whether it is to be deployed by itself. */
  wanted: boolean;
}

/** What becomes of a request that was stored. */
export interface Announcement {
  project_state: DeployState;
  /** Whether it waits because the project is paused. */
  queued_paused: boolean;
  message: string;
}

const TAKEN = "The request is stored";

async function outlookOf({ projectId, requestId, wanted }: StoredRequest): Promise<string> {
  const byHand = `POST /api/v1/deploy/trigger/${projectId} deploys what is pending.`;
  if (!wanted || settings.queueUrl() === undefined) return `; nothing was triggered. ${byHand}`;
  const messageId = await tell(projectId, "deploy_request", requestId);
  if (messageId === undefined) return `, but the deployment could not be triggered. ${byHand}`;
  return " and is deployed after a 60-second debounce, together with what else is pending.";
}

/** The state again; undefined where it cannot be told any more. */
async function stateNow(projectId: string): Promise<DeployState | undefined> {
  try {
    return (await projectState(projectId)).published.state;
  } catch (error) {
    log().warn("deploy_state_not_read_again", { project_id: projectId, error: error as Error });
    return undefined;
  }
}

/**
 * Says that a stored request is to be deployed, unless its project is paused. Never throws: the request is there.
 *
 * A pause is looked at again after the request was written. Whoever activates a project sets the state first and then
 * looks for requests: either this look sees the new state, or that one sees the request. Otherwise a request between the
 * two would wait for somebody who never comes.
 * @param before the state of the project before the request was written
 */
export async function announceRequest(request: StoredRequest, before: DeployState): Promise<Announcement> {
  const state = before === "PAUSED" ? await stateNow(request.projectId) : before;
  if (state === "ACTIVE") {
    const outlook = await outlookOf(request);
    return { project_state: state, queued_paused: false, message: `${TAKEN}${outlook}` };
  }
  // Who is told of a paused project leaves it alone, so that it does no harm to tell too much.
  if (state === undefined && request.wanted) await tell(request.projectId, "deploy_request", request.requestId);
  const message = `${TAKEN}. Deployments of the project are paused; it is deployed once they are active again.`;
  return { project_state: "PAUSED", queued_paused: true, message };
}
