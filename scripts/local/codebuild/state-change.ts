import type { EventContent } from "../event-bus.ts";
import {
  BUILD_ENVIRONMENT,
  type Build,
  buildArn,
  DEFAULT_TIMEOUT_MINUTES,
  QUEUED_TIMEOUT_MINUTES,
  statusOf,
  uuidOf,
} from "./build.ts";
import { durationOf, type Phase, phasesOf } from "./phases.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time in UTC as the events of CodeBuild have it, and nothing else of AWS: `Sep 1, 2017 4:12:29 PM`. */
export function eventTime(ms: number): string {
  const date = new Date(ms);
  const hours = date.getUTCHours();
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  const clock = `${hours % 12 || 12}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
  return `${day} ${clock} ${hours < 12 ? "AM" : "PM"}`;
}

function eventPhase(phase: Phase) {
  const { type, status, startedAt, endedAt, context } = phase;
  return {
    "phase-type": type,
    ...(status !== undefined && { "phase-status": status }),
    "phase-context": context === undefined ? [] : [`${context.statusCode}: ${context.message}`],
    "start-time": eventTime(startedAt),
    ...(endedAt !== undefined && { "end-time": eventTime(endedAt), "duration-in-seconds": durationOf(phase) }),
  };
}

/** The event by which CodeBuild tells that a build has begun or, once it has an end, that it has ended. */
export function stateChange(build: Build, region: string): EventContent {
  const { request, initiator, startedAt, end } = build;
  const arn = buildArn(region, build);
  // At its start nothing is known of its phases but the first.
  const phases = end === undefined ? [] : phasesOf(build, end.at).map(eventPhase);
  return {
    source: "aws.codebuild",
    detailType: "CodeBuild Build State Change",
    resources: [arn],
    detail: {
      "build-status": statusOf(build),
      "project-name": request.projectName,
      "build-id": arn,
      "additional-information": {
        "build-number": build.number,
        "build-complete": end !== undefined,
        "build-start-time": eventTime(startedAt),
        initiator,
        environment: {
          type: BUILD_ENVIRONMENT.type,
          image: BUILD_ENVIRONMENT.image,
          "compute-type": BUILD_ENVIRONMENT.computeType,
          "privileged-mode": BUILD_ENVIRONMENT.privilegedMode,
          "image-pull-credentials-type": "CODEBUILD",
          "environment-variables": request.environmentVariablesOverride,
        },
        "timeout-in-minutes": request.timeoutInMinutesOverride ?? DEFAULT_TIMEOUT_MINUTES,
        "queued-timeout-in-minutes": QUEUED_TIMEOUT_MINUTES,
        ...(request.sourceVersion !== undefined && { "source-version": request.sourceVersion }),
        source: { type: "NO_SOURCE" },
        cache: { type: "NO_CACHE" },
        logs: { "group-name": `/aws/codebuild/${request.projectName}`, "stream-name": uuidOf(build) },
        ...(phases.length > 0 && { phases }),
      },
      "current-phase": end === undefined ? "SUBMITTED" : "COMPLETED",
      "current-phase-context": "[]",
      version: "1",
    },
  };
}
