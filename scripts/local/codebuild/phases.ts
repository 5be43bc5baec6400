import type { Build, EndStatus } from "./build.ts";

/** A phase of a build. The last one, COMPLETED, has neither status nor end. */
export interface Phase {
  type: string;
  status?: EndStatus | "IN_PROGRESS";
  startedAt: number;
  endedAt?: number;
  /** Why it failed. */
  context?: { statusCode: string; message: string };
}

/** Phases in their order, each with the part of the build's time at which it begins. */
const BEGINNINGS: readonly (readonly [type: string, part: number])[] = [
  ["SUBMITTED", 0],
  ["QUEUED", 0],
  ["PROVISIONING", 0.05],
  ["DOWNLOAD_SOURCE", 0.2],
  ["INSTALL", 0.3],
  ["PRE_BUILD", 0.4],
  ["BUILD", 0.5],
  ["POST_BUILD", 0.85],
  ["UPLOAD_ARTIFACTS", 0.9],
  ["FINALIZING", 0.95],
];

interface Course {
  /** The phase in which it ends; all of them are gone through without it. */
  endsIn?: string;
  /** What still runs after that phase, and takes no time. */
  closing: readonly string[];
  context?: NonNullable<Phase["context"]>;
}

const COURSES: Readonly<Record<EndStatus, Course>> = {
  SUCCEEDED: { closing: [] },
  FAILED: {
    endsIn: "BUILD",
    closing: ["POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"],
    context: {
      statusCode: "COMMAND_EXECUTION_ERROR",
      message: "Error while executing command: npm run build. Reason: exit status 1",
    },
  },
  FAULT: {
    endsIn: "PROVISIONING",
    closing: [],
    context: { statusCode: "INTERNAL_SERVICE_ERROR", message: "The build environment could not be provided" },
  },
  TIMED_OUT: {
    endsIn: "BUILD",
    closing: ["FINALIZING"],
    context: { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out." },
  },
  STOPPED: { endsIn: "BUILD", closing: ["FINALIZING"] },
};

/** The phases that begin until a moment, and when. While it runs a build is on the way that is due. */
function begun({ startedAt, endsAt, outcome }: Build, until: number): Pick<Phase, "type" | "startedAt">[] {
  const { endsIn } = COURSES[outcome.status];
  const last = endsIn === undefined ? BEGINNINGS.length - 1 : BEGINNINGS.findIndex(([type]) => type === endsIn);
  // A phase in which it is due to end takes what is left of the time.
  return BEGINNINGS.slice(0, last + 1)
    .map(([type, part]) => ({ type, startedAt: startedAt + Math.round(part * (endsAt - startedAt)) }))
    .filter((phase) => phase.startedAt <= until);
}

/** What has happened in a build by now, in the words of CodeBuild. */
export function phasesOf(build: Build, now: number): Phase[] {
  const { end } = build;
  const until = end?.at ?? now;
  const phases: Phase[] = begun(build, until).map(({ type, startedAt }, index, all) => {
    const next = all[index + 1];
    return next === undefined
      ? { type, startedAt, status: "IN_PROGRESS" }
      : { type, startedAt, status: "SUCCEEDED", endedAt: next.startedAt };
  });
  const current = phases.at(-1);
  if (end === undefined || current === undefined) return phases;
  const { closing, context } = COURSES[end.status];
  Object.assign(current, { status: end.status, endedAt: end.at, ...(context && { context }) });
  const after = closing.map((type): Phase => ({ type, startedAt: end.at, status: "SUCCEEDED", endedAt: end.at }));
  return [...phases, ...after, { type: "COMPLETED", startedAt: end.at }];
}

/** Whole seconds, as CodeBuild counts them; undefined while the phase runs. */
export function durationOf({ startedAt, endedAt }: Phase): number | undefined {
  return endedAt === undefined ? undefined : Math.floor((endedAt - startedAt) / 1000);
}
