import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { resultOf, shortBuildId } from "../../../domain/deployments/build-end.ts";
import { eventTime, isSameBuild, readBuildEvent } from "../../../domain/deployments/finalize/build-event.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);

function detail(more: Readonly<Record<string, unknown>> = {}, information: Readonly<Record<string, unknown>> = {}) {
  return {
    "build-status": "SUCCEEDED",
    "project-name": "builder",
    "build-id": "arn:aws:codebuild:us-east-1:123456789012:build/builder:one",
    "additional-information": {
      "build-start-time": "Jan 1, 2026 12:00:00 PM",
      environment: {
        "environment-variables": [
          { name: "DEPLOY_SPEC_ID", value: "SPEC-1", type: "PLAINTEXT" },
          { name: "DEPLOY_PROJECT_ID", value: "devops", type: "PLAINTEXT" },
        ],
      },
      ...information,
    },
    ...more,
  };
}

describe("the time in an event of the builder", () => {
  it.each([
    ["Sep 1, 2017 4:12:29 PM", "2017-09-01T16:12:29.000Z"],
    ["Sep 1, 2017 4:12:29\u202fPM", "2017-09-01T16:12:29.000Z"],
    ["Jan 31, 2026 12:00:00 AM", "2026-01-31T00:00:00.000Z"],
    ["Jan 31, 2026 12:00:00 PM", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T11:12:13Z", "2026-01-31T11:12:13.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(new Date(eventTime(text) ?? 0).toISOString()).toBe(iso);
  });

  it.each(["", "yesterday", "Foo 1, 2026 1:00:00 PM", "2026", 17, null, undefined])("is not in %p", (value) => {
    expect(eventTime(value)).toBeUndefined();
  });
});

describe("an event of the builder", () => {
  it("tells of which spec the build was, and how long it took", () => {
    const news = readBuildEvent(detail(), "builder", NOW);
    expect(news).toMatchObject({ projectId: "devops", specId: "SPEC-1" });
    if ("ignored" in news) throw new Error(news.ignored);
    expect(resultOf(news.end)).toEqual({
      kind: "deployed",
      buildId: "arn:aws:codebuild:us-east-1:123456789012:build/builder:one",
      durationSeconds: 30,
    });
  });

  it("takes no time where its start cannot be told, or lies ahead", () => {
    for (const start of [undefined, "soon", "Jan 1, 2027 12:00:00 PM"]) {
      const news = readBuildEvent(detail({}, { "build-start-time": start }), "builder", NOW);
      if ("ignored" in news) throw new Error(news.ignored);
      expect(resultOf(news.end)).toMatchObject({ durationSeconds: 0 });
    }
  });

  it.each([
    ["a build of another project", detail({ "project-name": "other" })],
    ["a build that is IN_PROGRESS", detail({ "build-status": "IN_PROGRESS" })],
    ["a build of no deployment", detail({}, { environment: { "environment-variables": [] } })],
    ["not an event of a build", { "build-status": 7 }],
  ])("is passed over: %s", (reason, event) => {
    expect(readBuildEvent(event, "builder", NOW)).toEqual({ ignored: reason });
  });

  it("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.anything(), (event) => void readBuildEvent(event, "builder", NOW)));
  });
});

describe("what is said of a build that failed", () => {
  const failed = (status: string, phases: unknown) => {
    const news = readBuildEvent(detail({ "build-status": status }, { phases }), "builder", NOW);
    if ("ignored" in news) throw new Error(news.ignored);
    return resultOf(news.end);
  };

  it("names the first phase that failed, with its first context, cut", () => {
    const phases = [
      { "phase-type": "SUBMITTED", "phase-status": "SUCCEEDED" },
      { "phase-type": "BUILD", "phase-status": "TIMED_OUT", "phase-context": [": ", " out of time ", "more"] },
      { "phase-type": "UPLOAD", "phase-status": "FAILED", "phase-context": ["later"] },
    ];
    expect(failed("TIMED_OUT", phases)).toEqual({
      kind: "failed",
      message: "CodeBuild TIMED_OUT in BUILD: out of time",
    });
    const long = [{ "phase-type": "BUILD", "phase-status": "FAULT", "phase-context": ["x".repeat(500)] }];
    expect(failed("FAULT", long)).toMatchObject({ message: `CodeBuild FAULT in BUILD: ${"x".repeat(200)}` });
  });

  it.each([undefined, null, [], [{ "phase-type": "BUILD", "phase-status": "FAILED", "phase-context": [] }]])(
    "says nothing more where there is nothing to say (%j)",
    (phases) => {
      expect(failed("STOPPED", phases)).toEqual({ kind: "failed", message: "CodeBuild STOPPED" });
    },
  );
});

it("a build is the same under its id and under its ARN", () => {
  expect(shortBuildId("arn:aws:codebuild:us-east-1:1:build/builder:one")).toBe("builder:one");
  expect(isSameBuild("builder:one", "arn:aws:codebuild:us-east-1:1:build/builder:one")).toBe(true);
  expect(isSameBuild("builder:one", "builder:two")).toBe(false);
});
