import * as z from "zod";
import { ACCOUNT_ID } from "../configuration.ts";
import { BuildOutcome } from "../wire/faults.ts";
import { StartBuildRequest } from "./requests.ts";

/** A build as it is kept: what was asked, and when and how it ends. All that is told of it follows from that. */
export const Build = z.object({
  /** `<project>:<uuid>` */
  id: z.string(),
  /** Counts the builds of a project, from 1. */
  number: z.int().min(1),
  request: StartBuildRequest,
  initiator: z.string(),
  /** Milliseconds since the epoch, like all times here. */
  startedAt: z.number(),
  /** When it is due to end, and how. */
  endsAt: z.number(),
  outcome: BuildOutcome,
  /** Absent while it runs. Earlier and other than was due if it was stopped, later if nothing ran meanwhile. */
  end: z.object({ at: z.number(), status: BuildOutcome.shape.status.unwrap() }).optional(),
});
export type Build = z.infer<typeof Build>;

export type EndStatus = NonNullable<Build["end"]>["status"];

export function statusOf(build: Build): EndStatus | "IN_PROGRESS" {
  return build.end?.status ?? "IN_PROGRESS";
}

/** The part of an id or ARN that only this build has. */
export function uuidOf(build: Pick<Build, "id">): string {
  return build.id.slice(build.id.indexOf(":") + 1);
}

export function codeBuildArn(region: string, resource: string): string {
  return `arn:aws:codebuild:${region}:${ACCOUNT_ID}:${resource}`;
}

export function buildArn(region: string, build: Pick<Build, "id">): string {
  return codeBuildArn(region, `build/${build.id}`);
}

/** Where and in what it runs; the builder is not part of the stack, so these are of the double alone. */
export const BUILD_ENVIRONMENT = {
  type: "ARM_CONTAINER",
  image: "aws/codebuild/amazonlinux2-aarch64-standard:3.0",
  computeType: "BUILD_GENERAL1_SMALL",
  privilegedMode: false,
} as const;

export const DEFAULT_TIMEOUT_MINUTES = 60;
export const QUEUED_TIMEOUT_MINUTES = 480;
