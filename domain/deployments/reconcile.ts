import { endOf, isOver, resultOf, shortBuildId } from "./build-end.ts";
import { findBuild, readBuild } from "./builder.ts";
import { closeBuild } from "./close-build.ts";
import { startSpec } from "./orchestrate/start-spec.ts";
import { settings } from "./settings.ts";
import type { UiSpec } from "./spec.ts";
import { noteBuild, readSpec } from "./spec-store.ts";
import { freeBuild, readState, type StateRow } from "./state-store.ts";

/** CodeBuild remembers the token of a build for five minutes; a margin for clocks that differ. */
const TOKEN_MS = 240_000;

/** What was found of a spec that should be being built. */
export type Reconciled =
  | "building"
  /** Its lost end was found, or it turned out that it cannot have one. */
  | "closed"
  | "started"
  | "refused";

/**
 * Sees to a spec that is being built: a build that was not started, or of which nothing is known, is started or found; one
 * that has said nothing for long is asked for, since events are delivered as well as can be and not more.
 * @param afterSeconds how old a build has to be to be asked for
 * @throws the AWS error of the builder; DomainError INTERNAL_ERROR, UNAVAILABLE
 */
export async function reconcileSpec(
  spec: UiSpec,
  { afterSeconds = settings.reconcileAfterSeconds(), now = Date.now() } = {},
): Promise<Reconciled> {
  const age = now - Date.parse(spec.created_at);
  if (spec.codebuild_build_id !== undefined) {
    return age < afterSeconds * 1_000 ? "building" : askFor(spec, spec.codebuild_build_id, now);
  }
  // Within the life of the token a second start is the same build; later it has to be looked for first.
  if (age > TOKEN_MS && spec.source_key !== undefined) {
    const order = { projectId: spec.project_id, specId: spec.spec_id, sourceKey: spec.source_key };
    const build = await findBuild(order, new Date(spec.created_at));
    if (build?.id !== undefined) {
      await noteBuild(spec, build.id);
      return askFor({ ...spec, codebuild_build_id: build.id }, build.id, now);
    }
  }
  return (await startSpec(spec)).kind;
}

async function askFor(spec: UiSpec, buildId: string, now: number): Promise<Reconciled> {
  const build = await readBuild(buildId);
  if (build && !isOver(build.buildStatus)) return "building";
  const result = build
    ? resultOf(endOf(build, now))
    : { kind: "failed" as const, message: `CodeBuild knows of no build ${buildId}` };
  const isOfBuild = ({ codebuild_build_id }: UiSpec) =>
    codebuild_build_id === undefined || shortBuildId(codebuild_build_id) === shortBuildId(buildId);
  await closeBuild(spec, result, isOfBuild, now);
  return "closed";
}

/**
 * Sees to the build of a project, if it has one: see `reconcileSpec`. A build that is kept for a spec which is not being
 * built is freed.
 * @returns the project's row as it is then
 * @throws as `reconcileSpec`
 */
export async function reconcileProject(
  projectId: string,
  options: { afterSeconds?: number } = {},
): Promise<StateRow | undefined> {
  const row = await readState(projectId);
  const specId = row?.active_spec_id;
  if (specId === undefined) return row;
  const spec = await readSpec(projectId, specId);
  if (spec?.status === "building") await reconcileSpec(spec, options);
  else await freeBuild(projectId, specId);
  return readState(projectId);
}
