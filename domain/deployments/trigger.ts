import type { VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError, misconfigured } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import { onceFor, sendTrigger } from "./deploy-queue.ts";
import { compactTimestamp } from "./ids.ts";
import { requireProject } from "./project-check.ts";
import { type DeployState, projectState } from "./project-state.ts";
import { settings } from "./settings.ts";

/** What came of having a project looked at. */
export interface Triggered {
  project_state: DeployState;
  triggered: boolean;
  queued_paused: boolean;
  message_id?: string;
  triggered_at?: string;
  message?: string;
}

/**
 * Has the pending requests of a project looked at, unless it is paused.
 * @param onceKey stands for the call where its caller has given it a key
 * @throws DomainError CONFIGURATION_ERROR (there is no queue), NOT_FOUND (project), UPSTREAM_ERROR (it cannot be
 *   told), UNAVAILABLE, INTERNAL_ERROR
 */
export async function triggerProject(
  projectId: string,
  visible: VisibleProjects,
  onceKey?: string,
): Promise<Triggered> {
  if (settings.queueUrl() === undefined) throw misconfigured("SQS_QUEUE_URL");
  await requireProject(projectId, visible);
  const { state } = (await projectState(projectId)).published;
  if (state === "PAUSED") {
    const message = "Deployments of the project are paused; set its state to ACTIVE first.";
    return { project_state: state, triggered: false, queued_paused: true, message };
  }
  const now = Date.now();
  const once = onceFor(projectId, "manual_api", onceKey);
  const id = await sendTrigger(projectId, "manual_api", once, { ts: compactTimestamp(now) }).catch((cause: unknown) => {
    throw new DomainError("UPSTREAM_ERROR", "The deployment could not be triggered.", {}, { cause });
  });
  return {
    project_state: state,
    triggered: true,
    queued_paused: false,
    ...(id !== undefined && { message_id: id }),
    triggered_at: timestamp(now),
  };
}
