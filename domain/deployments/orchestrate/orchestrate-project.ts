import { log } from "@enceladus/shared/log";
import { sendMorePending } from "../deploy-queue.ts";
import { DEFAULT_TYPE, isUiType, type NonUiType, nonUiRule } from "../deployment-type.ts";
import { type ProjectState, stateWith } from "../project-state.ts";
import { reconcileProject } from "../reconcile.ts";
import type { DeployRequest } from "../request.ts";
import { byType } from "./aggregate.ts";
import { rejectAll } from "./hold-back.ts";
import { queueGroup } from "./non-ui-group.ts";
import { readBatch } from "./pending-batch.ts";
import { buildGroup, type GroupOutcome } from "./ui-group.ts";

/** What one look at a project came to. */
export interface Orchestration {
  project_id: string;
  state: "ACTIVE" | "PAUSED";
  pending: number;
  groups: Readonly<Record<string, GroupOutcome>>;
}

async function handleGroup(
  projectId: string,
  type: string,
  group: readonly DeployRequest[],
  state: ProjectState | undefined,
): Promise<GroupOutcome> {
  if (isUiType(type)) return buildGroup(projectId, type, group, state);
  if (nonUiRule(type)) return queueGroup(projectId, type as NonUiType, group);
  await rejectAll(group.map((request) => [request, `Unknown deployment_type '${type}'.`] as const));
  return { kind: "queued", specIds: [], rejected: group.length };
}

/**
 * Looks at what a project has to deploy: sees to its running build, then makes of its pending requests what they become,
 * each type by itself. Safe to repeat, and to run twice at once.
 * @throws the first failure that may pass, after all types had their turn; what did not come about is pending still
 */
export async function orchestrateProject(projectId: string): Promise<Orchestration> {
  const before = await stateWith(projectId, await reconcileProject(projectId));
  const { state } = before.published;
  const nothing: Orchestration = { project_id: projectId, state, pending: 0, groups: {} };
  if (state === "PAUSED") return nothing;
  const { requests, hasMore } = await readBatch(projectId);
  const groups: Record<string, GroupOutcome> = {};
  const failures: unknown[] = [];
  // The first that has something built decides on what was read a moment ago; it changes that for those behind it.
  let known: ProjectState | undefined = before;
  for (const [type, group] of byType(requests, DEFAULT_TYPE)) {
    const state = known;
    if (isUiType(type)) known = undefined;
    try {
      groups[type] = await handleGroup(projectId, type, group, state);
    } catch (error) {
      log().error("deployment_group_failed", { project_id: projectId, deployment_type: type, error: error as Error });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  // A build says itself when it is over; what was only handed over says nothing.
  if (hasMore && Object.values(groups).some(({ kind }) => kind === "queued")) await sendMorePending(projectId);
  return { ...nothing, pending: requests.length, groups };
}
