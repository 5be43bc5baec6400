import { publishEvent } from "@enceladus/shared/events";
import { log } from "@enceladus/shared/log";
import { publishVersion } from "../current-version.ts";
import { sendBuildFinalized } from "../deploy-queue.ts";
import { pendingRequests } from "../request-store.ts";
import type { UiSpec } from "../spec.ts";
import { settleSpec } from "../spec-store.ts";
import { logOnRecords } from "./worklog.ts";

/** Whether requests wait that others than this spec have brought up: a failed build is not repeated by itself. */
async function othersWait({ project_id, included_request_ids, status }: UiSpec): Promise<boolean> {
  const own = new Set(status === "failed" ? included_request_ids : []);
  const attributes = ["request_id", "submitted_at", "status"];
  for await (const { request_id } of pendingRequests(project_id, { attributes })) if (!own.has(request_id)) return true;
  return false;
}

function eventOf(spec: UiSpec) {
  const { project_id, spec_id, status, resolved_version, deployment_type, completed_at, deploy_id, error_message } =
    spec;
  const about = { project_id, spec_id, deployment_type, version: resolved_version, completed_at };
  return {
    source: "enceladus.deploy",
    detailType: status === "deployed" ? "deploy.succeeded" : "deploy.failed",
    detail: status === "deployed" ? { ...about, deploy_id } : { ...about, error_message },
  };
}

/** What follows from the end of a build, in this order. Each of it may be done again. */
function steps(spec: UiSpec): (readonly [string, () => Promise<unknown>])[] {
  const { project_id, spec_id, status, resolved_version: version, completed_at = "" } = spec;
  const deployed = status === "deployed";
  return [
    ...(deployed
      ? ([
          ["version", () => publishVersion(project_id, { version, deployed_at: completed_at, spec_id })],
          ["worklogs", () => logOnRecords(spec)],
        ] as const)
      : []),
    ["next build", async () => ((await othersWait(spec)) ? sendBuildFinalized(project_id, spec_id) : undefined)],
    ["event", () => publishEvent(eventOf(spec))],
  ];
}

/**
 * Does what follows from the end of a build: the version is published, records are told, waiting requests get their
 * turn, the event goes out. What fails does not keep the rest from happening; the spec is settled when all of it is done,
 * and until then found by the schedule.
 * @throws the first failure
 */
export async function followUp(spec: UiSpec): Promise<void> {
  const failures: unknown[] = [];
  for (const [step, perform] of steps(spec)) {
    try {
      await perform();
    } catch (error) {
      log().error("deployment_follow_up_failed", {
        project_id: spec.project_id,
        spec_id: spec.spec_id,
        step,
        error: error as Error,
      });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  await settleSpec(spec);
}
