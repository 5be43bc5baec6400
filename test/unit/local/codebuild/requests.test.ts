import { describe, expect, it } from "@jest/globals";
import { declaredProjects } from "../../../../scripts/local/codebuild/projects.ts";
import { BatchGetBuildsRequest, StartBuildRequest } from "../../../../scripts/local/codebuild/requests.ts";
import type { ServiceConfiguration } from "../../../../scripts/local/configuration.ts";

const accepts = (more: object) => StartBuildRequest.safeParse({ projectName: "builder", ...more }).success;
const variable = (more: object) => ({ environmentVariablesOverride: [{ name: "A", value: "1", ...more }] });

describe("StartBuild", () => {
  it("takes a project, variables, a token", () => {
    const request = { projectName: "builder", idempotencyToken: "SPEC-1", ...variable({}) };
    expect(StartBuildRequest.parse(request)).toEqual({ ...request, ...variable({ type: "PLAINTEXT" }) });
  });

  it.each([
    ["no project", { projectName: undefined }],
    ["a project name with a space", { projectName: "my builder" }],
    ["a project name of one character", { projectName: "b" }],
    ["a variable without a name", variable({ name: "" })],
    ["a variable without a value", variable({ value: undefined })],
    ["a variable that is a number", variable({ value: 1 })],
    ["a type of variable that does not exist", variable({ type: "PLAIN_TEXT" })],
    ["a variable with an unknown field", variable({ Name: "A" })],
    [
      "a variable twice",
      { environmentVariablesOverride: [1, 2].map((value) => ({ name: "A", value: String(value) })) },
    ],
    ["variables above 5,500 characters", variable({ value: "x".repeat(5_500) })],
    ["a timeout of a minute", { timeoutInMinutesOverride: 1 }],
    ["an override that is not imitated", { imageOverride: "x" }],
  ])("refuses %s", (_, more) => {
    expect(accepts(more)).toBe(false);
  });

  it("takes variables of 5,500 characters", () => {
    expect(accepts(variable({ value: "x".repeat(5_499) }))).toBe(true);
  });
});

it("BatchGetBuilds takes one to a hundred ids", () => {
  const accepted = (count: number) => BatchGetBuildsRequest.safeParse({ ids: Array(count).fill("a:b") }).success;
  expect([0, 1, 100, 101].map(accepted)).toEqual([false, true, true, false]);
});

describe("the projects that there are", () => {
  const references = { text: (value: unknown) => `resolved ${String(value)}` };
  const configurationWith = (environments: Record<string, object>): ServiceConfiguration => ({
    service: "house",
    provider: { stage: "dev", region: "us-east-1" },
    functions: Object.fromEntries(
      Object.entries(environments).map(([key, environment]) => [key, { name: key, environment: { ...environment } }]),
    ),
    resources: { Resources: {} },
  });

  it("are those that functions are told of", () => {
    const configuration = configurationWith({
      a: { CODEBUILD_PROJECT: "x" },
      b: { CODEBUILD_PROJECT: "x" },
      c: { CODEBUILD_PROJECT: "y" },
      d: {},
    });
    expect([...declaredProjects(configuration, references)]).toEqual(["resolved x", "resolved y"]);
  });

  it("are the usual one where no function is told of any", () => {
    expect([...declaredProjects(configurationWith({ d: {} }), references)]).toEqual(["devops-ui-deploy-builder"]);
  });
});
