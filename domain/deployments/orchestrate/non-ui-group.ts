import { DomainError } from "@enceladus/shared/errors";
import { type NonUiType, nonUiRule } from "../deployment-type.ts";
import { analyse, recorded } from "../integration-analysis.ts";
import { judgeNonUiRequest, type NonUiConfig } from "../non-ui-config.ts";
import { projectState } from "../project-state.ts";
import type { DeployRequest } from "../request.ts";
import { settings } from "../settings.ts";
import type { NonUiSpec } from "../spec.ts";
import { whileNotPaused } from "../state-store.ts";
import { aggregate, firstThatFit } from "./aggregate.ts";
import { holdBackClashing, rejectAll } from "./hold-back.ts";
import { openSpec, type SpecDraft } from "./open-spec.ts";
import type { GroupOutcome } from "./ui-group.ts";

interface Valid {
  request: DeployRequest;
  config: NonUiConfig;
}

function draft(projectId: string, type: NonUiType, valid: readonly Valid[]) {
  const requests = valid.map(({ request }) => request);
  const targets = valid.map(({ request, config }) => ({
    request_id: request.request_id,
    service_group: config.service_group,
    target_arn: config.target_arn,
    target_region: config.target_region,
    rollback_on_failure: config.rollback_on_failure,
    validation_checks: config.validation_checks,
  }));
  return {
    project_id: projectId,
    status: "queued_non_ui" as const,
    deployment_type: type,
    deployment_category: "non_ui" as const,
    ...aggregate(requests),
    integration_analysis: JSON.stringify(recorded(analyse(requests))),
    non_ui_service_group: nonUiRule(type)?.serviceGroup ?? "",
    non_ui_targets: JSON.stringify({ targets }),
    non_ui_target_arns: [...new Set(targets.map(({ target_arn }) => target_arn))],
  };
}

/**
 * Hands requests of one type that no builder carries out over: valid ones become specs, invalid ones are rejected.
 * @param group pending requests of one project and type, the oldest first
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function queueGroup(
  projectId: string,
  type: NonUiType,
  group: readonly DeployRequest[],
): Promise<GroupOutcome> {
  const clash = await holdBackClashing(group);
  if (clash !== undefined) return { kind: "blocked", reason: clash };
  const judged = group.map((request) => ({ request, judged: judgeNonUiRequest(request, type, settings.region()) }));
  const rejected = judged.flatMap(({ request, judged: verdict }) =>
    "rejected" in verdict ? [[request, verdict.rejected] as const] : [],
  );
  await rejectAll(rejected);

  let waiting: Valid[] = judged.flatMap(({ request, judged: verdict }) =>
    "config" in verdict ? [{ request, config: verdict.config }] : [],
  );
  const specIds: string[] = [];
  while (waiting.length > 0) {
    const ids = new Set(firstThatFit(waiting.map(({ request }) => request)).map(({ request_id }) => request_id));
    const next = waiting.filter(({ request }) => ids.has(request.request_id));
    const requests = next.map(({ request }) => request);
    const opened = await openSpec<SpecDraft<NonUiSpec>>(draft(projectId, type, next), requests, () =>
      whileNotPaused(projectId),
    );
    if (opened.kind === "state-moved") {
      if ((await projectState(projectId)).published.state === "PAUSED") return { kind: "paused" };
      throw new DomainError("UNAVAILABLE", "The state of the project is being written by others.");
    }
    const over = opened.kind === "opened" ? ids : new Set(opened.requestIds);
    if (opened.kind === "opened") specIds.push(opened.spec.spec_id);
    waiting = waiting.filter(({ request }) => !over.has(request.request_id));
  }
  return { kind: "queued", specIds, rejected: rejected.length };
}
