import type { Build, EndStatus } from "../../../../scripts/local/codebuild/build.ts";
import { StartBuildRequest } from "../../../../scripts/local/codebuild/requests.ts";
import { BuildOutcome } from "../../../../scripts/local/wire/faults.ts";

export const START = Date.UTC(2017, 8, 1, 16, 12, 29);
/** A hundred seconds, so that a second is one per cent of it. */
export const LASTS = 100_000;

/** A build of a hundred seconds that is due to end in this way. */
export function buildDue(status: EndStatus, more: Partial<Build> = {}): Build {
  return {
    id: "builder:8745a7a9",
    number: 7,
    request: StartBuildRequest.parse({
      projectName: "builder",
      environmentVariablesOverride: [{ name: "DEPLOY_SPEC_ID", value: "SPEC-1" }],
    }),
    initiator: "deployOrchestrator",
    startedAt: START,
    endsAt: START + LASTS,
    outcome: BuildOutcome.parse({ status }),
    ...more,
  };
}

/** The same, ended as it was due. */
export const ended = (status: EndStatus): Build => buildDue(status, { end: { at: START + LASTS, status } });
