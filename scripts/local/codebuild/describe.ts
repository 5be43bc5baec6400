import { ACCOUNT_ID } from "../configuration.ts";
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

/** The protocol has times in seconds since the epoch. */
const seconds = (ms: number) => ms / 1000;

function describePhase(phase: Phase) {
  const { type, status, startedAt, endedAt, context } = phase;
  return {
    phaseType: type,
    ...(status !== undefined && status !== "IN_PROGRESS" && { phaseStatus: status }),
    startTime: seconds(startedAt),
    ...(endedAt !== undefined && { endTime: seconds(endedAt), durationInSeconds: durationOf(phase) }),
    ...(context && { contexts: [context] }),
  };
}

/** A build as the answers of CodeBuild have it. */
export function describeBuild(build: Build, region: string, now: number) {
  const { id, number, request, initiator, startedAt, end } = build;
  const phases = phasesOf(build, now);
  return {
    id,
    arn: buildArn(region, build),
    buildNumber: number,
    projectName: request.projectName,
    buildStatus: statusOf(build),
    buildComplete: end !== undefined,
    currentPhase: phases.at(-1)?.type,
    startTime: seconds(startedAt),
    ...(end && { endTime: seconds(end.at) }),
    phases: phases.map(describePhase),
    ...(request.sourceVersion !== undefined && { sourceVersion: request.sourceVersion }),
    source: { type: "NO_SOURCE", insecureSsl: false },
    artifacts: { location: "" },
    cache: { type: "NO_CACHE" },
    environment: {
      ...BUILD_ENVIRONMENT,
      imagePullCredentialsType: "CODEBUILD",
      environmentVariables: request.environmentVariablesOverride,
    },
    logs: { groupName: `/aws/codebuild/${request.projectName}`, streamName: uuidOf(build) },
    timeoutInMinutes: request.timeoutInMinutesOverride ?? DEFAULT_TIMEOUT_MINUTES,
    queuedTimeoutInMinutes: QUEUED_TIMEOUT_MINUTES,
    serviceRole: `arn:aws:iam::${ACCOUNT_ID}:role/${request.projectName}`,
    encryptionKey: `arn:aws:kms:${region}:${ACCOUNT_ID}:alias/aws/s3`,
    initiator,
  };
}
