import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { runHooks } from "../../../domain/deployments/pre-deploy-hooks.ts";
import { forgetProjects } from "../../../domain/projects/index.ts";
import { handler as docPrep } from "../../../functions/doc-prep/handler.ts";
import { postRequest } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { requestRows } from "../../support/deploy-rows.ts";
import { configure } from "../../support/prepared-documents.ts";
import { makeProject } from "../../support/projects.ts";
import { serveFunctions } from "../../support/serve-functions.ts";
import { actAs, callsDuring, clearFaults, injectFault } from "../../support/services.ts";

type Served = Parameters<typeof serveFunctions>[0][string];

let queue: Awaited<ReturnType<typeof ownDeployQueue>>;
let project: string;
let served: { stop(): Promise<void> };

async function serve(handler: Served): Promise<void> {
  served = await serveFunctions({ docPrep: handler });
}

beforeAll(async () => {
  // Both functions run in this process, with the environment of both.
  actAs("docPrep");
  actAs("deployIntake");
  queue = await ownDeployQueue();
});

beforeEach(async () => {
  project = (await makeProject()).project_id;
});

afterEach(async () => {
  await clearFaults();
  await served.stop();
});

const withHook = () => postRequest(project, { pre_deploy_hooks: ["doc_prep"] });

async function expectNothingDone(): Promise<void> {
  expect([await requestRows(project), await queue.take(project)]).toEqual([[], []]);
}

describe("doc_prep", () => {
  it("prepares the documents of the project without their content, and its result is kept with the request", async () => {
    await serve(docPrep as Served);
    const { status, body } = await withHook();
    expect([status, body.pre_deploy_results]).toEqual([
      200,
      [
        {
          hook: "doc_prep",
          success: true,
          status_code: 200,
          result: expect.objectContaining({ success: true, project_id: project, total_docs: 1 }),
        },
      ],
    ]);
    const [row] = await requestRows(project);
    expect(row?.pre_deploy_hooks).toEqual(["doc_prep"]);
    expect(JSON.parse(String(row?.pre_deploy_results))).toEqual(body.pre_deploy_results);
  });

  it("that fails is a 409 that says why, and the request is not taken", async () => {
    await serve(docPrep as Served);
    await configure(project, {
      additional_docs: [{ source_type: "s3", s3_key: "docs/that-is-not-there.md", filename: "x.md", required: true }],
    });
    forgetProjects();
    const { status, body } = await withHook();
    expect([status, body.error_envelope.code]).toEqual([409, "CONFLICT"]);
    const [result] = body.pre_deploy_results;
    expect(result).toMatchObject({ hook: "doc_prep", success: false, result: { success: false } });
    expect(result?.status_code).toBeGreaterThanOrEqual(400);
    expect(body.error_envelope.details.pre_deploy_results).toEqual(body.pre_deploy_results);
    await expectNothingDone();
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("a secret of the function");
      },
    ],
    ["answers nothing", () => null],
    ["answers no JSON", () => ({ statusCode: 200, body: "fine" })],
    ["answers no success", () => ({ statusCode: 200, body: JSON.stringify({ success: "true" }) })],
    ["answers success with an error", () => ({ statusCode: 500, body: JSON.stringify({ success: true }) })],
  ] as [string, Served][])("whose function %s has failed, and its secrets stay its own", async (_what, handler) => {
    await serve(handler);
    const { status, text, body } = await withHook();
    expect([status, body.pre_deploy_results]).toMatchObject([409, [{ hook: "doc_prep", success: false }]]);
    expect(text).not.toContain("secret");
    await expectNothingDone();
  });

  it("that cannot be invoked has failed", async () => {
    await serve(docPrep as Served);
    await injectFault({ service: "lambda", error: "AccessDeniedException", times: 9 });
    const { status, text, body } = await withHook();
    expect([status, body.pre_deploy_results]).toEqual([
      409,
      [
        {
          hook: "doc_prep",
          success: false,
          status_code: 500,
          result: { success: false, error: "The function of the hook could not be invoked." },
        },
      ],
    ]);
    expect(text).not.toContain("AccessDenied");
    await expectNothingDone();
  });

  it("that takes too long has failed", async () => {
    await serve(docPrep as Served);
    await injectFault({ service: "lambda", delayMs: 2_000, times: 9 });
    await expect(runHooks(project, ["doc_prep"], 200)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { pre_deploy_results: [{ result: { error: "The hook was not done in time." } }] },
    });
  });

  it("keeps of a result that is too long only how long it is", async () => {
    const body = JSON.stringify({ success: true, documents: "x".repeat(100_000) });
    await serve((() => ({ statusCode: 200, body })) as Served);
    const answer = await withHook();
    expect(answer.body.pre_deploy_results[0]).toMatchObject({
      success: true,
      result: { success: true, omitted_bytes: body.length },
    });
  });

  it("is invoked by whoever names it, and after all that is wrong with the request itself", async () => {
    await serve(docPrep as Served);
    const calls = await callsDuring(async () => {
      await postRequest(project);
      await postRequest(project, { pre_deploy_hooks: ["doc_prep"], summary: "" });
      await postRequest(project.replace("p-", "q-"), { pre_deploy_hooks: ["doc_prep"] });
    });
    expect(calls.filter(({ service }) => service === "lambda")).toEqual([]);
  });
});
