import { log } from "@enceladus/shared/log";
import { resultOf } from "../build-end.ts";
import { closeBuild } from "../close-build.ts";
import { reconcileProject, reconcileSpec } from "../reconcile.ts";
import { settings } from "../settings.ts";
import type { UiSpec } from "../spec.ts";
import { openSpecs, readSpec } from "../spec-store.ts";
import { isSameBuild, readBuildEvent } from "./build-event.ts";
import { followUp } from "./follow-up.ts";

/** What came of the news of a build. */
export type Finalized =
  | { outcome: "ignored"; reason: string }
  | { outcome: "deployed" | "failed"; project_id: string; spec_id: string };

/** Whether everything that follows from the end of a spec's build is done. */
const isSettled = (spec: UiSpec) => spec.open_spec === undefined;

/**
 * Takes the end of a build to where it belongs: told repeatedly, late or by several ways it has its effect once, and what
 * an earlier run has left half-done is finished.
 * @param detail that of the builder's event
 * @throws whatever keeps it from being done now: the event has to come again
 */
export async function finalizeBuild(detail: unknown, now: number = Date.now()): Promise<Finalized> {
  const news = readBuildEvent(detail, settings.builder(), now);
  if ("ignored" in news) return { outcome: "ignored", reason: news.ignored };
  const { projectId, specId, end } = news;
  const spec = await readSpec(projectId, specId);
  if (spec?.deployment_category !== "ui") {
    log().warn("build_of_unknown_spec", { project_id: projectId, spec_id: specId, build_id: end.buildId });
    return { outcome: "ignored", reason: "a build of an unknown spec" };
  }
  const isOfBuild = ({ codebuild_build_id: noted }: UiSpec) => noted === undefined || isSameBuild(noted, end.buildId);
  if (!isOfBuild(spec)) return { outcome: "ignored", reason: "another build of the spec" };
  const closed = spec.status === "building" ? await closeBuild(spec, resultOf(end), isOfBuild, now) : undefined;
  const current = closed ?? (await readSpec(projectId, specId));
  if (current?.deployment_category !== "ui" || current.status === "building" || isSettled(current)) {
    return { outcome: "ignored", reason: "its end is known" };
  }
  await followUp(current);
  return { outcome: current.status, project_id: projectId, spec_id: specId };
}

/** What a look at all builds came to. */
export interface Sweep {
  open: number;
  settled: number;
}

async function finishOne(projectId: string, specId: string, afterSeconds: number | undefined): Promise<boolean> {
  let spec = await readSpec(projectId, specId);
  if (spec?.deployment_category !== "ui") return false;
  if (spec.status === "building") {
    await reconcileSpec(spec, afterSeconds === undefined ? {} : { afterSeconds });
    spec = await readSpec(projectId, specId);
  }
  if (spec?.deployment_category !== "ui" || spec.status === "building" || isSettled(spec)) return false;
  await followUp(spec);
  return true;
}

/**
 * Looks at every build that is not settled: finds the ends of those whose event was lost, starts those that were not
 * started, and finishes what was left half-done. One that fails does not keep the others from their turn.
 * @param only the project that is looked at; undefined for all
 * @param afterSeconds how old a build has to be to be asked for
 * @throws the first failure
 */
export async function sweepBuilds({
  only,
  afterSeconds,
}: {
  only?: string;
  afterSeconds?: number;
} = {}): Promise<Sweep> {
  const failures: unknown[] = [];
  const sweep: Sweep = { open: 0, settled: 0 };
  for await (const { projectId, specId } of openSpecs()) {
    if (only !== undefined && projectId !== only) continue;
    sweep.open += 1;
    try {
      if (await finishOne(projectId, specId, afterSeconds)) sweep.settled += 1;
    } catch (error) {
      log().error("build_not_settled", { project_id: projectId, spec_id: specId, error: error as Error });
      failures.push(error);
    }
  }
  if (only !== undefined) await reconcileProject(only, afterSeconds === undefined ? {} : { afterSeconds });
  if (failures.length > 0) throw failures[0];
  return sweep;
}
