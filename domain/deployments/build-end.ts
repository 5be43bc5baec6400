import type { Build } from "@aws-sdk/client-codebuild";
import { firstCharacters } from "@enceladus/shared/text";
import type { BuildResult } from "./close-build.ts";

/** The statuses with which a build has failed. */
const FAILED = new Set(["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]);
const FAILED_PHASE = new Set(["FAILED", "FAULT", "TIMED_OUT"]);

/** How a build is over, however that was learnt. */
export interface BuildEnd {
  status: string;
  /** As the builder names it: `project:uuid`, or an ARN that ends with it. */
  buildId: string;
  /** Milliseconds since the epoch; undefined where it cannot be told. */
  startedAt: number | undefined;
  endedAt: number;
  phases: readonly BuildPhase[];
}

export interface BuildPhase {
  type: string;
  status: string;
  /** What went wrong in it, the first thing first. */
  contexts: readonly string[];
}

/** Whether a build's status is one that it does not leave again. */
export function isOver(status: string | undefined): boolean {
  return status === "SUCCEEDED" || (status !== undefined && FAILED.has(status));
}

const MOST_CONTEXT = 200;

function failureMessage({ status, phases }: BuildEnd): string {
  const phase = phases.find((one) => FAILED_PHASE.has(one.status));
  // A phase without anything to say has the context ": ".
  const context = phase?.contexts.find((text) => /\w/.test(text))?.trim();
  const where = phase && context ? ` in ${phase.type}: ${firstCharacters(context, MOST_CONTEXT)}` : "";
  return `CodeBuild ${status}${where}`;
}

/** What the end of a build means for what was to be deployed. */
export function resultOf(end: BuildEnd): BuildResult {
  if (end.status !== "SUCCEEDED") return { kind: "failed", message: failureMessage(end) };
  const seconds = end.startedAt === undefined ? 0 : Math.floor((end.endedAt - end.startedAt) / 1_000);
  return { kind: "deployed", buildId: end.buildId, durationSeconds: Math.max(0, seconds) };
}

/** The part of a build's id that its ARN and its short form have in common: what stands behind `build/`. */
export function shortBuildId(buildId: string): string {
  return buildId.slice(buildId.lastIndexOf("/") + 1);
}

/** The end of a build as the builder tells it when it is asked. */
export function endOf(build: Build, now: number): BuildEnd {
  return {
    status: build.buildStatus ?? "",
    buildId: build.arn ?? build.id ?? "",
    startedAt: build.startTime?.getTime(),
    endedAt: build.endTime?.getTime() ?? now,
    phases: (build.phases ?? []).map(({ phaseType = "", phaseStatus = "", contexts = [] }) => ({
      type: phaseType,
      status: phaseStatus,
      contexts: contexts.map(({ message = "" }) => message),
    })),
  };
}
