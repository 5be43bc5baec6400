import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { deploy, LEAST_REQUEST, patchState, postRequest, submit } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { putConfig, requestRows } from "../../support/deploy-rows.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, injectFault, services } from "../../support/services.ts";

type Queue = Awaited<ReturnType<typeof ownDeployQueue>>;

let queue: Queue;
let project: string;
let prefix: string;

beforeAll(async () => {
  actAs("deployIntake");
  queue = await ownDeployQueue();
});

beforeEach(async () => {
  const made = await makeProject();
  project = made.project_id;
  prefix = made.prefix;
});

/** The one request of the project, as it is stored. */
async function only(): Promise<Record<string, unknown>> {
  const rows = await requestRows(project);
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
}

describe("a request", () => {
  it("is stored as pending, and the orchestrator is told once, in the group of the project", async () => {
    const answer = await postRequest(project);
    expect(answer.body).toEqual({
      success: true,
      request_id: expect.stringMatching(/^REQ-\d{8}T\d{6}Z-[0-9a-f]{6}$/),
      deployment_type: "github_public_static",
      project_state: "ACTIVE",
      queued_paused: false,
      message: expect.stringContaining("60-second debounce"),
      pre_deploy_results: [],
    });
    const { request_id: id } = answer.body;
    const row = await only();
    const submittedAt = String(row.submitted_at);
    expect(row).toEqual({
      project_id: project,
      record_id: `request#${id}`,
      record_type: "request",
      request_id: id,
      status: "pending",
      submitted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      pending_key: `${submittedAt}#${id}`,
      submitted_by: "api-user",
      submitted_by_principal: expect.stringMatching(/./),
      change_type: "patch",
      deployment_type: "github_public_static",
      summary: LEAST_REQUEST.summary,
      changes: [],
      related_record_ids: [],
    });
    expect(id).toContain(submittedAt.replaceAll(/[-:]/g, ""));
    const message = { body: { project_id: project, trigger: "deploy_request" }, group: project, once: id };
    expect(await queue.take(project)).toEqual([message]);
  });

  it("keeps all that was said, and both who it claims to be from and who it is from", async () => {
    const { secret } = await issueKey({ agent: "claude", scopes: ["deploy:*"], projects: ["*"] });
    const said = {
      changes: ["one", "x".repeat(300)],
      related_record_ids: ["ABC-TSK-001", "nonsense"],
      files_changed: ["src/a.ts"],
      submitted_by: "mcp-server",
      github_config: { repo: "x", nested: { deep: [1, null] } },
      source_key: `deploy-sources/${project}/20260101T000000Z-1-abc.zip`,
      non_ui_config: { anything: "is ignored for what is built" },
      somethingElse: true,
    };
    await submit(project, said, { as: "nobody", headers: byKey(secret) });
    const row = await only();
    expect(row).toMatchObject({
      changes: ["one", "x".repeat(200)],
      related_record_ids: said.related_record_ids,
      files_changed: said.files_changed,
      submitted_by: "mcp-server",
      submitted_by_principal: "agent:claude",
      source_key: said.source_key,
    });
    expect(JSON.parse(String(row.github_config))).toEqual(said.github_config);
    for (const name of [
      "non_ui_config",
      "somethingElse",
      "foreign_record_ids",
      "pre_deploy_hooks",
      "idempotency_key",
    ]) {
      expect(row).not.toHaveProperty(name);
    }
  });

  it("notes which records the submitter may not see, so that nothing is written to them on its behalf", async () => {
    const foreign = await makeProject();
    const { secret } = await issueKey({ scopes: ["deploy:write"], projects: [project] });
    const ids = [`${prefix}-TSK-001`, `${foreign.prefix}-TSK-001`, "QQQ-ISS-001", "no id"];
    await submit(project, { related_record_ids: ids }, { as: "nobody", headers: byKey(secret) });
    expect(await only()).toMatchObject({ related_record_ids: ids, foreign_record_ids: ids.slice(1) });
  });

  it("that no builder carries out has its configuration completed", async () => {
    const config = { service_group: "lambda", target_arn: "arn:aws:lambda:us-east-1:123456789012:function:x" };
    await submit(project, { deployment_type: "lambda_update", non_ui_config: config });
    expect(JSON.parse(String((await only()).non_ui_config))).toEqual({
      ...config,
      target_region: services.region,
      rollback_on_failure: true,
      validation_checks: ["cold_start_regression_check", "runtime_compatibility_check"],
    });
  });

  it("that no builder carries out is refused without it, before the project is looked up", async () => {
    const { status, body } = await postRequest(anyName(), { deployment_type: "lambda_update" });
    expect([status, body.error]).toEqual([400, expect.stringContaining("non_ui_config is required")]);
  });

  it.each([
    ["a missing summary", { summary: undefined }, "summary: is required"],
    ["a wrong type", { change_type: 5 }, "change_type: must be a string"],
    ["an array of numbers", { files_changed: [5] }, "files_changed: must be a list of strings"],
    ["an unknown hook", { pre_deploy_hooks: ["z", "doc_prep", "a"] }, "pre_deploy_hooks: has unknown hooks: a, z"],
  ])("with %s is a 400, and nothing is stored or sent", async (_what, fields, error) => {
    const { status, body } = await postRequest(project, fields);
    expect([status, body.error_envelope.code, body.error]).toEqual([
      400,
      "INVALID_INPUT",
      expect.stringContaining(error),
    ]);
    expect([await requestRows(project), await queue.take(project)]).toEqual([[], []]);
  });

  it.each(["[]", '"text"', "5", "null", "{"])("whose body is %s is a 400", async (body) => {
    expect((await deploy("POST", "/submit", body)).status).toBe(400);
  });

  it("of more than 300 KB is a 400", async () => {
    const files_changed = Array.from({ length: 700 }, (_, index) => `${index}`.padEnd(500, "x"));
    const { status, body } = await postRequest(project, { files_changed });
    expect([status, body.limit_bytes]).toEqual([400, 300 * 1_024]);
    expect(await requestRows(project)).toEqual([]);
  });

  it("to an unknown project is a 404; one that is created later is found", async () => {
    const name = anyName();
    const { status, body } = await postRequest(name);
    expect([status, body.error_envelope.code]).toEqual([404, "NOT_FOUND"]);
    await makeProject({ name });
    expect((await postRequest(name)).status).toBe(200);
  });

  it("is a 503 where the registry cannot be read", async () => {
    const { project_id: unseen } = await makeProject();
    const match = { TableName: process.env.PROJECTS_TABLE };
    await injectFault({ service: "dynamodb", match, error: "AccessDeniedException", times: 9 });
    const { status, body } = await postRequest(unseen);
    await clearFaults();
    expect([status, body.error_envelope]).toEqual([
      503,
      expect.objectContaining({ code: "UPSTREAM_ERROR", retryable: true }),
    ]);
    expect(await requestRows(unseen)).toEqual([]);
  });
});

describe("the key of the source archive", () => {
  it("lies below the prefix that the project has configured", async () => {
    await putConfig(project, "deploy.json", { source: { source_s3_prefix: "elsewhere/of-mine/" } });
    expect((await postRequest(project, { source_key: "elsewhere/of-mine/a.zip" })).status).toBe(200);
    const { status, body } = await postRequest(project, { source_key: `deploy-sources/${project}/a.zip` });
    expect([status, body.error]).toEqual([400, expect.stringContaining("below elsewhere/of-mine/")]);
  });

  it("is not judged where the configuration cannot be read", async () => {
    await injectFault({ service: "s3", error: "AccessDenied", times: 9 });
    const { status, body } = await postRequest(project, { source_key: `deploy-sources/${project}/a.zip` });
    await clearFaults();
    expect([status, body.error_envelope.retryable]).toEqual([500, true]);
    expect(await requestRows(project)).toEqual([]);
  });
});

describe("what is told", () => {
  it("is nothing while the project is paused, and all of it once it is active", async () => {
    await patchState(project, { state: "PAUSED" });
    expect(await submit(project)).toMatchObject({ project_state: "PAUSED", queued_paused: true });
    expect(await queue.take(project)).toEqual([]);
    const { body } = await patchState(project, { state: "ACTIVE" });
    expect(body.pending_requests_triggered).toBe(1);
    expect(await queue.take(project)).toMatchObject([{ body: { project_id: project, trigger: "state_activated" } }]);
  });

  it("is nothing with auto_trigger: false, and nothing where there is no queue", async () => {
    expect((await submit(project, { auto_trigger: false })).message).toContain("nothing was triggered");
    process.env.SQS_QUEUE_URL = "";
    expect((await submit(project)).message).toContain("nothing was triggered");
    process.env.SQS_QUEUE_URL = queue.url;
    expect([(await requestRows(project)).length, await queue.take(project)]).toEqual([2, []]);
  });

  it("is no reason to lose a request: one that cannot be sent is stored all the same", async () => {
    await injectFault({ service: "sqs", error: "AccessDenied", times: 9 });
    const { message } = await submit(project);
    await clearFaults();
    expect(message).toContain("could not be triggered");
    expect(await only()).toMatchObject({ status: "pending" });
  });

  it("is told of a request that was stored while the project was being activated", async () => {
    await patchState(project, { state: "PAUSED" });
    // The request is written late: by then the project is active, and whoever activated it has seen no request.
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", match: project, delayMs: 400 });
    const submission = submit(project);
    await patchState(project, { state: "ACTIVE" });
    expect(await submission).toMatchObject({ project_state: "ACTIVE", queued_paused: false });
    expect(await queue.take(project)).toMatchObject([{ body: { trigger: "deploy_request" } }]);
  });

  it("cannot be decided where the state cannot be read: 500, and nothing is stored", async () => {
    await injectFault({ service: "s3", error: "AccessDenied", times: 9 });
    const { status, body } = await postRequest(project);
    await clearFaults();
    expect([status, body.error_envelope]).toEqual([
      500,
      expect.objectContaining({ code: "INTERNAL_ERROR", retryable: true }),
    ]);
    expect(await requestRows(project)).toEqual([]);
  });
});

describe("a request with a key", () => {
  it.each(["header", "body"])(
    "is one request and one message, in the %s, however often it is sent at once",
    async (where) => {
      const key = anyName();
      const call = where === "header" ? { headers: { "Idempotency-Key": key } } : {};
      const fields = where === "body" ? { idempotency_key: key } : {};
      const answers = await Promise.all(Array.from({ length: 20 }, () => postRequest(project, fields, call)));
      const others = answers.filter(({ status }) => status !== 200);
      for (const { body } of others) expect(body.error_envelope.code).toBe("IDEMPOTENCY_IN_FLIGHT");
      const again = await postRequest(project, fields, call);
      expect([again.status, again.headers["Idempotency-Replayed"]]).toEqual([200, "true"]);
      const { request_id: id } = await only();
      expect(again.body.request_id).toBe(id);
      expect(await queue.take(project)).toMatchObject([{ once: id }]);
    },
  );

  it("of another request is a 422", async () => {
    const headers = { "Idempotency-Key": anyName() };
    await submit(project, {}, { headers });
    expect((await postRequest(project, { summary: "Another" }, { headers })).status).toBe(422);
  });
});

it("a project that a key may not see is unknown, and is not looked at", async () => {
  const { secret } = await issueKey({ scopes: ["deploy:write"], projects: [(await makeProject()).project_id] });
  const call = { as: "nobody", headers: byKey(secret) } as const;
  const unknown = project.replace("p-", "q-");
  const [onForeign, onUnknown] = [await postRequest(project, {}, call), await postRequest(unknown, {}, call)];
  expect(onForeign.text.replaceAll(project, unknown)).toBe(onUnknown.text);
  expect([onForeign.status, onForeign.headers]).toEqual([404, onUnknown.headers]);
  expect(await requestRows(project)).toEqual([]);
});
