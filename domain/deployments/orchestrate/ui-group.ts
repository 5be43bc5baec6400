import { DomainError } from "@enceladus/shared/errors";
import { currentVersion } from "../current-version.ts";
import { type DeployConfig, readDeployConfig } from "../deploy-config.ts";
import type { UiType } from "../deployment-type.ts";
import { analyse, recorded } from "../integration-analysis.ts";
import { OPEN } from "../keys.ts";
import { type ProjectState, projectState } from "../project-state.ts";
import type { DeployRequest } from "../request.ts";
import { sourceOf } from "../source-archive.ts";
import type { UiSpec } from "../spec.ts";
import { takeBuild } from "../state-store.ts";
import { changeOf, nextVersion } from "../version.ts";
import { aggregate, firstThatFit } from "./aggregate.ts";
import { holdBack, holdBackClashing } from "./hold-back.ts";
import { type Opened, openSpec, type SpecDraft } from "./open-spec.ts";
import { startSpec } from "./start-spec.ts";

/** What became of the requests of one type. */
export type GroupOutcome =
  | { kind: "build"; specId: string; started: boolean; message?: string }
  | { kind: "queued"; specIds: string[]; rejected: number }
  | { kind: "blocked"; reason: string }
  | { kind: "locked" }
  | { kind: "paused" }
  | { kind: "nothing" };

const ATTEMPTS = 10;

interface Plan {
  type: UiType;
  projectId: string;
  config: DeployConfig;
}

/** Works out what one build is to bring, and writes it. */
async function open(
  { type, projectId, config }: Plan,
  requests: readonly DeployRequest[],
  deployed: string | undefined,
): Promise<Opened<UiSpec>> {
  const archive = await sourceOf(requests, config);
  const previous = await currentVersion(projectId, deployed, { archive, file: config.versionFile });
  const change = changeOf(requests.map(({ change_type }) => change_type));
  return openSpec<SpecDraft<UiSpec>>(
    {
      project_id: projectId,
      status: "building",
      deployment_type: type,
      deployment_category: "ui",
      ...aggregate(requests),
      integration_analysis: JSON.stringify(recorded(analyse(requests, config.versionFile))),
      previous_version: previous,
      resolved_version: nextVersion(previous, change),
      resolved_change_type: change,
      ...(archive && { source_key: `${archive.bucket}/${archive.key}` }),
      open_spec: OPEN,
    },
    requests,
    (specId, now) => takeBuild(projectId, specId, now, deployed),
  );
}

/**
 * Has as many requests of one type built together as one spec takes; the project has one build at a time.
 * @param group pending requests of one project and type, the oldest first
 * @param known the state of the project, where it was read a moment ago: the spec is written only if it still holds
 * @throws the AWS error of the builder where it is not known whether a build runs; DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function buildGroup(
  projectId: string,
  type: UiType,
  group: readonly DeployRequest[],
  known: ProjectState | undefined,
): Promise<GroupOutcome> {
  const before = known ?? (await projectState(projectId));
  if (before.published.state === "PAUSED") return { kind: "paused" };
  if (before.row?.active_spec_id !== undefined) return { kind: "locked" };
  const found = await readDeployConfig(projectId);
  if ("blocked" in found) {
    await holdBack(group, found.blocked);
    return { kind: "blocked", reason: found.blocked };
  }
  const { config } = found;
  const clash = await holdBackClashing(group, config.versionFile);
  if (clash !== undefined) return { kind: "blocked", reason: clash };

  let waiting = group;
  let { row } = before;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (waiting.length === 0) return { kind: "nothing" };
    const opened = await open({ type, projectId, config }, firstThatFit(waiting), row?.current_version);
    if (opened.kind === "opened") {
      const result = await startSpec(opened.spec);
      const specId = opened.spec.spec_id;
      return result.kind === "started"
        ? { kind: "build", specId, started: true }
        : { kind: "build", specId, started: false, message: result.message };
    }
    if (opened.kind === "requests-gone") {
      const gone = new Set(opened.requestIds);
      waiting = waiting.filter(({ request_id }) => !gone.has(request_id));
    } else {
      const current = await projectState(projectId);
      if (current.published.state === "PAUSED") return { kind: "paused" };
      if (current.row?.active_spec_id !== undefined) return { kind: "locked" };
      row = current.row;
    }
  }
  throw new DomainError("UNAVAILABLE", "The deployments of the project are being written by others.");
}
