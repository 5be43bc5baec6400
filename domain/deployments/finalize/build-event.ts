import * as z from "zod";
import { type BuildEnd, isOver, shortBuildId } from "../build-end.ts";

const text = z.string().max(4_096);

/** As much of a `CodeBuild Build State Change` as is of use. */
const buildDetail = z.object({
  "build-status": text,
  "project-name": text,
  "build-id": text,
  "additional-information": z.object({
    "build-start-time": z.unknown().optional(),
    environment: z.object({
      "environment-variables": z.array(z.object({ name: text, value: z.unknown().optional() })).max(1_000),
    }),
    phases: z
      .array(
        z.object({
          "phase-type": text.nullish(),
          "phase-status": text.nullish(),
          "phase-context": z.array(z.unknown()).nullish(),
        }),
      )
      .nullish(),
  }),
});

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** `Sep 1, 2017 4:12:29 PM`, in UTC, as the builder's events write it; some runtimes put U+202F before the half of the day. */
const IN_WORDS = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4})[ ,]+(\d{1,2}):(\d{2}):(\d{2})[ \u202f]([AP])M$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** A moment as events of the builder write it, in milliseconds since the epoch; undefined for anything else. */
export function eventTime(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const words = IN_WORDS.exec(value.trim());
  if (words) {
    const [, month = "", day, year, hour, minute, second, half] = words;
    const index = MONTHS.indexOf(month);
    const hours = (Number(hour) % 12) + (half === "P" ? 12 : 0);
    return index < 0 ? undefined : Date.UTC(Number(year), index, Number(day), hours, Number(minute), Number(second));
  }
  if (!ISO.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** The end of a build that belongs to a spec. */
export interface SpecBuildEnd {
  projectId: string;
  specId: string;
  end: BuildEnd;
}

/** What an event tells, or why it tells nothing. */
export type BuildNews = SpecBuildEnd | { ignored: string };

/**
 * Reads the `detail` of an event of the builder.
 * @param builder the CodeBuild project whose builds are those of deployments
 * @param now milliseconds since the epoch: a build is as old as the look at its end
 */
export function readBuildEvent(detail: unknown, builder: string, now: number): BuildNews {
  const parsed = buildDetail.safeParse(detail);
  if (!parsed.success) return { ignored: "not an event of a build" };
  const { "build-status": status, "project-name": project, "build-id": buildId } = parsed.data;
  if (project !== builder) return { ignored: "a build of another project" };
  if (!isOver(status)) return { ignored: `a build that is ${status}` };
  const information = parsed.data["additional-information"];
  const variables = information.environment["environment-variables"];
  const variable = (name: string) => {
    const value = variables.find((one) => one.name === name)?.value;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const specId = variable("DEPLOY_SPEC_ID");
  const projectId = variable("DEPLOY_PROJECT_ID");
  if (specId === undefined || projectId === undefined) return { ignored: "a build of no deployment" };
  const phases = (information.phases ?? []).map((phase) => ({
    type: phase["phase-type"] ?? "",
    status: phase["phase-status"] ?? "",
    contexts: (phase["phase-context"] ?? []).filter((context) => typeof context === "string"),
  }));
  const startedAt = eventTime(information["build-start-time"]);
  return { projectId, specId, end: { status, buildId, startedAt, endedAt: now, phases } };
}

/** Whether two ids name one build, whichever form they have. */
export function isSameBuild(one: string, other: string): boolean {
  return shortBuildId(one) === shortBuildId(other);
}
