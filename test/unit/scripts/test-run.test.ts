import { describe, expect, it } from "@jest/globals";
import { countOf } from "../../../scripts/test-run/run-step.ts";
import { stepsOf } from "../../../scripts/test-run/steps.ts";

describe("the steps of a test run", () => {
  const PACKAGES = "/tmp/packages";
  const FILES = { packages: PACKAGES, usedPermissions: "/tmp/used.json" };

  it("are all checks, then all suites, then the roles against what the suites have used", () => {
    const names = stepsOf(undefined, [], FILES).map(({ name }) => name);
    expect(names.slice(-4)).toStrictEqual(["unit", "integration", "e2e", "guard:roles"]);
    expect(names).toStrictEqual(
      expect.arrayContaining(["typecheck", "lint", "guard:imports", "guard:workflows", "openapi", "postman"]),
    );
    expect(names).toStrictEqual(expect.arrayContaining(["guard:secrets", "guard:artifacts", "guard:load"]));
  });

  it("pack once, before everything that looks at packages", () => {
    const steps = stepsOf(undefined, [], FILES).filter(({ command }) => command.includes(PACKAGES));
    expect(steps.map(({ name }) => name)).toStrictEqual(["package", "guard:artifacts", "guard:load"]);
  });

  it("leave the roles out when only some tests run, which use but some of what is granted", () => {
    const names = stepsOf(undefined, ["races"], FILES).map(({ name }) => name);
    expect(names.at(-1)).toBe("e2e");
  });

  it("are one run of jest for the end-to-end tests, whether they share a system or start their own", () => {
    const [step, ...others] = stepsOf("e2e", ["races"], FILES);
    expect(others).toStrictEqual([]);
    expect(step?.command).toStrictEqual(
      expect.arrayContaining(["--selectProjects=e2e", "--selectProjects=starts", "races"]),
    );
  });

  it("are one suite alone, with what is for jest passed on", () => {
    const [step, ...others] = stepsOf("unit", ["--testNamePattern", "cursor"], FILES);
    expect(others).toStrictEqual([]);
    expect(step?.command).toStrictEqual(
      expect.arrayContaining(["--selectProjects=unit", "--testNamePattern", "cursor"]),
    );
  });
});

describe("the count of a suite", () => {
  it("has a file that could not be loaded as a failure", () => {
    expect(countOf({ numPassedTests: 5, numFailedTests: 1, numRuntimeErrorTestSuites: 2 })).toStrictEqual({
      passed: 5,
      failed: 3,
    });
  });
});
