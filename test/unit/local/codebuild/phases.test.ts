import { describe, expect, it } from "@jest/globals";
import { durationOf, phasesOf } from "../../../../scripts/local/codebuild/phases.ts";
import { buildDue, ended, LASTS, START } from "./builds.ts";

const told = (build: Parameters<typeof phasesOf>[0], now = START + LASTS) =>
  phasesOf(build, now).map(({ type, status }) => (status === undefined ? type : `${type} ${status}`));

describe("the phases of a build that runs", () => {
  it("are those it has come to, the last one in progress", () => {
    expect(told(buildDue("SUCCEEDED"), START)).toEqual(["SUBMITTED SUCCEEDED", "QUEUED IN_PROGRESS"]);
    expect(told(buildDue("SUCCEEDED"), START + 35_000)).toEqual([
      "SUBMITTED SUCCEEDED",
      "QUEUED SUCCEEDED",
      "PROVISIONING SUCCEEDED",
      "DOWNLOAD_SOURCE SUCCEEDED",
      "INSTALL IN_PROGRESS",
    ]);
  });

  it("do not pass the one in which it is going to fail", () => {
    expect(told(buildDue("FAULT"), START + 99_000).at(-1)).toBe("PROVISIONING IN_PROGRESS");
    expect(told(buildDue("FAILED"), START + 99_000).at(-1)).toBe("BUILD IN_PROGRESS");
  });
});

describe("the phases of a build that has ended", () => {
  it("all succeeded, if it did", () => {
    const phases = told(ended("SUCCEEDED"));
    expect(phases).toHaveLength(11);
    expect(phases.slice(0, -1).every((phase) => phase.endsWith(" SUCCEEDED"))).toBe(true);
    expect(phases.at(-1)).toBe("COMPLETED");
  });

  it.each([
    ["FAILED", "BUILD", "COMMAND_EXECUTION_ERROR"],
    ["TIMED_OUT", "BUILD", "BUILD_TIMED_OUT"],
    ["FAULT", "PROVISIONING", "INTERNAL_SERVICE_ERROR"],
    ["STOPPED", "BUILD", undefined],
  ] as const)("say of one that is %s in which it went wrong, and why", (status, type, statusCode) => {
    const wrong = phasesOf(ended(status), 0).filter((phase) => phase.status === status);
    expect(wrong.map((phase) => [phase.type, phase.context?.statusCode])).toEqual([[type, statusCode]]);
    expect(told(ended(status)).at(-1)).toBe("COMPLETED");
  });

  it("end in the one that it had come to when it was stopped", () => {
    const stopped = buildDue("SUCCEEDED", { end: { at: START + 25_000, status: "STOPPED" } });
    expect(told(stopped).slice(-3)).toEqual(["DOWNLOAD_SOURCE STOPPED", "FINALIZING SUCCEEDED", "COMPLETED"]);
  });

  it("fill the time between start and end without a gap", () => {
    const phases = phasesOf(ended("FAILED"), 0);
    expect(phases[0]?.startedAt).toBe(START);
    for (const [index, phase] of phases.slice(0, -1).entries())
      expect(phase.endedAt).toBe(phases[index + 1]?.startedAt);
    expect(phases.at(-1)).toEqual({ type: "COMPLETED", startedAt: START + LASTS });
    expect(phases.slice(0, -1).reduce((sum, phase) => sum + (durationOf(phase) ?? 0), 0)).toBe(LASTS / 1000);
  });
});
