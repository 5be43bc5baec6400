import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { timestamp } from "@enceladus/shared/time";
import { idOfMoment } from "./ids.ts";
import { rowKeys } from "./keys.ts";
import type { DeployRequest } from "./request.ts";
import { completeRequest, readRequests, returnRequest } from "./request-store.ts";
import { settings } from "./settings.ts";
import type { DeployRecord, UiSpec } from "./spec.ts";
import { closeSpec, putDeployment, readSpec } from "./spec-store.ts";
import { giveBuildBack, readState } from "./state-store.ts";
import { failed, transact } from "./transaction.ts";
import { isNewer, plainVersion } from "./version.ts";

/** What a build came to. */
export type BuildResult =
  | { kind: "deployed" /** As the builder names it. */; buildId: string; durationSeconds: number }
  | { kind: "failed"; message: string };

const MOST_MESSAGE = 500;
const ATTEMPTS = 100;

/** The deployment that a spec has become. */
function deploymentOf(
  spec: UiSpec,
  result: Extract<BuildResult, { kind: "deployed" }>,
  id: string,
  at: string,
): DeployRecord {
  return {
    project_id: spec.project_id,
    record_id: rowKeys.deploy(id),
    record_type: "deploy",
    deploy_id: id,
    spec_id: spec.spec_id,
    version: spec.resolved_version ?? "?",
    previous_version: spec.previous_version ?? "?",
    change_type: spec.resolved_change_type ?? "patch",
    release_summary: spec.aggregated_release_summary,
    changes: spec.aggregated_changes,
    included_request_ids: spec.included_request_ids,
    related_record_ids: spec.all_related_record_ids,
    codebuild_build_id: result.buildId,
    deployed_at: at,
    duration_seconds: result.durationSeconds,
  };
}

interface Closing {
  spec: UiSpec;
  requests: readonly DeployRequest[];
  now: string;
  deployId: string;
}

function itemsOf({ spec, requests, now, deployId }: Closing, result: BuildResult): TransactItem[] {
  const build = spec.codebuild_build_id;
  if (result.kind === "deployed") {
    return [
      closeSpec(spec, { status: "deployed", completed_at: now, deploy_id: deployId }, build),
      putDeployment(deploymentOf(spec, result, deployId, now)),
      ...requests.map((request) => completeRequest(request, spec.spec_id, deployId, now)),
    ];
  }
  const error_message = firstCharacters(result.message, MOST_MESSAGE);
  return [
    closeSpec(spec, { status: "failed", completed_at: now, error_message }, build),
    ...requests.map((request) => returnRequest(request, spec.spec_id, settings.maxAttempts(), now)),
  ];
}

/** The version that a deployment brings, where it is the newest: one that ends late does not take a version back. */
function broughtBy(spec: UiSpec, result: BuildResult, current: string | undefined): string | undefined {
  const version = result.kind === "deployed" ? plainVersion(spec.resolved_version) : undefined;
  if (version === undefined) return undefined;
  const known = plainVersion(current);
  return known === undefined || isNewer(version, known) ? version : undefined;
}

/**
 * Writes what a build came to: the spec, the deployment, its requests and the project's row, all of it or nothing, and
 * only while the spec is still being built by that build. Told twice, it happens once.
 * @param isOfBuild whether the spec is being built by the build in question, as far as is noted on it
 * @returns the spec as it is now; undefined where the end had been written before, or by another build
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function closeBuild(
  asRead: UiSpec,
  result: BuildResult,
  isOfBuild: (spec: UiSpec) => boolean,
  nowMs: number = Date.now(),
): Promise<UiSpec | undefined> {
  const { project_id: projectId, spec_id: specId } = asRead;
  const now = timestamp(nowMs);
  let spec = asRead;
  let deployNumber = 1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const [row, included] = await Promise.all([
      readState(projectId),
      readRequests(projectId, spec.included_request_ids),
    ]);
    // Rows that somebody has changed by hand are left as they are; the spec is closed all the same.
    const requests = included.filter(({ status, spec_id }) => status === "included" && spec_id === specId);
    const version = broughtBy(spec, result, row?.current_version);
    const deployId = idOfMoment("DEP", nowMs, deployNumber);
    const items = itemsOf({ spec, requests, now, deployId }, result);
    const outcome = await transact([...items, giveBuildBack(row, projectId, specId, version)]);
    if (outcome.committed) {
      const end =
        result.kind === "deployed"
          ? { status: "deployed" as const, deploy_id: deployId }
          : { status: "failed" as const };
      return { ...spec, ...end, completed_at: now };
    }
    if (failed(outcome.reasons[0])) {
      const current = await readSpec(projectId, specId);
      if (current?.deployment_category !== "ui" || current.status !== "building" || !isOfBuild(current))
        return undefined;
      spec = current;
    } else if (result.kind === "deployed" && failed(outcome.reasons[1])) {
      deployNumber += 1;
    }
  }
  throw new DomainError("UNAVAILABLE", "The deployments of the project are being written by others.");
}
