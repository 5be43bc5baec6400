import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "../../support/eventually.ts";
import { serveFunctions } from "../../support/serve-functions.ts";
import { callsDuring, clearFaults, injectFault, pendingFaults, services } from "../../support/services.ts";

// Everything comes from the environment, as in a function.
const lambda = new LambdaClient({});
const codebuild = new CodeBuildClient({});

afterEach(clearFaults);
afterAll(() => {
  lambda.destroy();
  codebuild.destroy();
});

describe("a function that invokes another one", () => {
  let served: { stop(): Promise<void> };
  beforeAll(async () => {
    served = await serveFunctions({
      docPrep: async ({ project_id }: { project_id: string }, { functionName }: { functionName: string }) => {
        if (project_id === "bad") throw new TypeError("no such project");
        return { prepared: project_id, by: functionName };
      },
    });
  });
  afterAll(() => served.stop());

  async function invoke(event: unknown, FunctionName = services.functions.docPrep) {
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return { error: answer.FunctionError, payload: JSON.parse(answer.Payload?.transformToString() ?? "null") };
  }

  it("gets its answer, and the call is written down", async () => {
    const calls = await callsDuring(async () => {
      expect(await invoke({ project_id: "good" })).toEqual({
        error: undefined,
        payload: { prepared: "good", by: services.functions.docPrep },
      });
    });
    expect(calls).toMatchObject([
      {
        service: "lambda",
        operation: "Invoke",
        status: 200,
        request: {
          FunctionName: services.functions.docPrep,
          InvocationType: "RequestResponse",
          Payload: { project_id: "good" },
        },
      },
    ]);
  });

  it("hears that it failed", async () => {
    expect(await invoke({ project_id: "bad" })).toEqual({
      error: "Unhandled",
      payload: { errorType: "TypeError", errorMessage: "no such project" },
    });
  });

  it("is refused for a function that is not served, as by Lambda", async () => {
    await expect(invoke({}, "nobody")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
  });

  it.each([
    ["TooManyRequestsException", 429],
    ["AccessDeniedException", 403],
    ["ServiceException", 500],
  ])("can be refused with %s", async (error, httpStatusCode) => {
    await injectFault({ service: "lambda", operation: "Invoke", error, times: 5 });
    const refused = invoke({ project_id: "good" });
    await expect(refused).rejects.toMatchObject({ name: error, $metadata: { httpStatusCode } });
  });
});

describe("a function that starts a build", () => {
  const start = () => new StartBuildCommand({ projectName: services.environments.deployFinalize?.CODEBUILD_PROJECT });

  it("gets one that goes as this test has said, and the call is written down", async () => {
    await injectFault({ service: "codebuild", build: { status: "TIMED_OUT", afterMs: 10 } });
    expect(await pendingFaults()).toMatchObject([{ service: "codebuild", build: { event: "once" } }]);
    const ids: string[] = [];
    const calls = await callsDuring(async () => {
      const { build } = await codebuild.send(start());
      ids.push(build?.id ?? "");
    });
    expect(calls).toMatchObject([{ service: "codebuild", operation: "StartBuild", status: 200 }]);
    expect(await pendingFaults()).toEqual([]);
    const ended = await eventually(
      async () => (await codebuild.send(new BatchGetBuildsCommand({ ids }))).builds?.[0],
      (build) => build?.buildComplete === true,
    );
    expect(ended?.buildStatus).toBe("TIMED_OUT");
  });

  it("can be refused, and lose the answer of a build that it has started", async () => {
    await injectFault({ service: "codebuild", error: "AccountLimitExceededException" });
    await expect(codebuild.send(start())).rejects.toMatchObject({
      name: "AccountLimitExceededException",
      $metadata: { httpStatusCode: 400 },
    });
    await injectFault({ service: "codebuild", operation: "StartBuild", dropAnswer: true });
    const token = { idempotencyToken: crypto.randomUUID() };
    const [input, again] = [start().input, start().input].map((one) => ({ ...one, ...token }));
    const first = await codebuild.send(new StartBuildCommand(input ?? start().input));
    const second = await codebuild.send(new StartBuildCommand(again ?? start().input));
    expect(second.build?.id).toBe(first.build?.id);
  });
});
