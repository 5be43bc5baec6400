import { describe, expect, it } from "@jest/globals";
import { eventTime, stateChange } from "../../../../scripts/local/codebuild/state-change.ts";
import { buildDue, ended } from "./builds.ts";

describe("the time in an event", () => {
  it.each([
    [Date.UTC(2017, 8, 1, 16, 12, 29), "Sep 1, 2017 4:12:29 PM"],
    [Date.UTC(2026, 0, 31, 0, 5, 7), "Jan 31, 2026 12:05:07 AM"],
    [Date.UTC(2026, 11, 9, 12, 0, 0, 999), "Dec 9, 2026 12:00:00 PM"],
    [Date.UTC(2026, 4, 20, 9, 59, 59), "May 20, 2026 9:59:59 AM"],
  ])("%s is %s", (ms, text) => {
    expect(eventTime(ms)).toBe(text);
  });
});

const detailOf = (build: Parameters<typeof stateChange>[0]) => stateChange(build, "us-east-1").detail;

describe("the event of a build's state", () => {
  it("tells of the end all that the build's phases and variables tell", () => {
    const arn = "arn:aws:codebuild:us-east-1:000000000000:build/builder:8745a7a9";
    const event = stateChange(ended("FAILED"), "us-east-1");
    expect(event).toMatchObject({
      source: "aws.codebuild",
      detailType: "CodeBuild Build State Change",
      resources: [arn],
      detail: {
        "build-status": "FAILED",
        "project-name": "builder",
        "build-id": arn,
        "current-phase": "COMPLETED",
        version: "1",
        "additional-information": {
          "build-complete": true,
          "build-start-time": "Sep 1, 2017 4:12:29 PM",
          environment: {
            "environment-variables": [{ name: "DEPLOY_SPEC_ID", value: "SPEC-1", type: "PLAINTEXT" }],
          },
        },
      },
    });
    const { phases } = (event.detail as { "additional-information": { phases: object[] } })["additional-information"];
    expect(phases[6]).toEqual({
      "phase-type": "BUILD",
      "phase-status": "FAILED",
      "phase-context": ["COMMAND_EXECUTION_ERROR: Error while executing command: npm run build. Reason: exit status 1"],
      "start-time": "Sep 1, 2017 4:13:19 PM",
      "end-time": "Sep 1, 2017 4:14:09 PM",
      "duration-in-seconds": 50,
    });
    expect(phases[0]).toMatchObject({ "phase-type": "SUBMITTED", "phase-context": [] });
    expect(phases.at(-1)).toEqual({
      "phase-type": "COMPLETED",
      "phase-context": [],
      "start-time": "Sep 1, 2017 4:14:09 PM",
    });
  });

  it("tells of the start that it is in progress, and of no phases", () => {
    const detail = detailOf(buildDue("SUCCEEDED"));
    expect(detail).toMatchObject({
      "build-status": "IN_PROGRESS",
      "current-phase": "SUBMITTED",
      "additional-information": { "build-complete": false, "build-start-time": "Sep 1, 2017 4:12:29 PM" },
    });
    expect(detail).not.toHaveProperty(["additional-information", "phases"]);
  });
});
