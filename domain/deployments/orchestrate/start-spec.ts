import { log } from "@enceladus/shared/log";
import { startBuild } from "../builder.ts";
import { closeBuild } from "../close-build.ts";
import type { UiSpec } from "../spec.ts";
import { noteBuild } from "../spec-store.ts";

/** What became of a build that was to be started. */
export type StartResult = { kind: "started"; buildId: string } | { kind: "refused"; message: string };

const noBuildNoted = (spec: UiSpec) => spec.codebuild_build_id === undefined;

/** The spec fails and its requests wait again: no build is under way that could still deploy them. */
async function fail(spec: UiSpec, message: string): Promise<StartResult> {
  await closeBuild(spec, { kind: "failed", message }, noBuildNoted);
  return { kind: "refused", message };
}

/**
 * Has a spec built. Safe to repeat while no build is noted on it.
 * @throws the AWS error where a build may have been started or may be later; DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function startSpec(spec: UiSpec): Promise<StartResult> {
  const { project_id: projectId, spec_id: specId, source_key: sourceKey } = spec;
  if (sourceKey === undefined) return fail(spec, "No source archive was found for the project.");
  const started = await startBuild({ projectId, specId, sourceKey });
  if ("refused" in started) return fail(spec, `The build could not be started: ${started.refused}`);
  const isNoted = await noteBuild(spec, started.buildId);
  // Its end came first, or was found by somebody else.
  if (!isNoted) log().info("build_over_before_noted", { project_id: projectId, spec_id: specId });
  return { kind: "started", buildId: started.buildId };
}
