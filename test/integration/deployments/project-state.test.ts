import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { deploy, patchState, submit } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { publishedState, putConfig, putDeployRow, putDeployRows, stateRow } from "../../support/deploy-rows.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, injectFault, services } from "../../support/services.ts";

let queue: Awaited<ReturnType<typeof ownDeployQueue>>;
let project: string;

beforeAll(async () => {
  actAs("deployIntake");
  process.env.COORDINATION_INTERNAL_API_KEY = "the internal key of this test";
  queue = await ownDeployQueue();
});

beforeEach(async () => {
  project = (await makeProject()).project_id;
});

const getState = (headers: Record<string, string> = {}) => deploy("GET", `/state/${project}`, undefined, { headers });
const stateIn = (fields: object) => ({ project_id: project, record_id: "STATE", record_type: "state", ...fields });

describe("the state of a project", () => {
  it("is ACTIVE where nobody has set one, also of a project that is not registered", async () => {
    for (const name of [project, anyName()]) {
      const { status, body } = await deploy("GET", `/state/${name}`);
      const state = { state: "ACTIVE", updated_at: null, updated_by: "default", reason: null };
      expect([status, body]).toEqual([200, { success: true, project_id: name, ...state }]);
    }
  });

  it("is that of the row, whatever the published copy says, without what belongs to builds", async () => {
    await putConfig(project, "state.json", { state: "PAUSED", updated_by: "somebody" });
    expect((await getState()).body).toMatchObject({ state: "PAUSED", updated_by: "somebody" });
    await putDeployRow(stateIn({ active_spec_id: "SPEC-X", active_since: "2026-01-01T00:00:00Z" }));
    expect((await getState()).body).toMatchObject({ state: "PAUSED", updated_by: "somebody" });
    await putDeployRow(stateIn({ state: " active ", updated_by: "x", active_spec_id: "SPEC-X" }));
    const { body } = await getState();
    expect(body).toMatchObject({ state: "ACTIVE", updated_by: "x" });
    expect(body).not.toHaveProperty("active_spec_id");
  });

  it.each([
    ["the row", { service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" }],
    ["the copy", { service: "s3", operation: "GetObject", error: "AccessDenied" }],
  ] as const)("is a 500 where %s cannot be read, never ACTIVE", async (_what, fault) => {
    await injectFault({ ...fault, match: project, times: 9 });
    const { status, body } = await getState();
    await clearFaults();
    expect([status, body.error_envelope]).toMatchObject([500, { code: "INTERNAL_ERROR", retryable: true }]);
  });

  it("has a tag, with which an unchanged one is 304", async () => {
    const { headers } = await getState();
    expect((await getState({ "If-None-Match": headers.ETag ?? "" })).status).toBe(304);
    const { headers: changed } = await patchState(project, { state: "PAUSED" });
    const answer = await getState({ "If-None-Match": headers.ETag ?? "" });
    expect([answer.status, answer.headers.ETag]).toEqual([200, changed.ETag]);
  });
});

describe("to set it", () => {
  it("says who did, by the credential, and publishes it", async () => {
    const { status, body } = await patchState(project, { state: " paused ", reason: "a freeze" });
    const state = {
      state: "PAUSED",
      updated_at: expect.stringMatching(/Z$/),
      updated_by: services.users[0]?.username,
      reason: "a freeze",
      paused_since: body.updated_at,
    };
    expect([status, body]).toEqual([
      200,
      { success: true, project_id: project, ...state, message: expect.stringMatching(/./) },
    ]);
    expect(await publishedState(project)).toEqual(state);
    expect(await stateRow(project)).toEqual(stateIn(state));
    const byService = {
      as: "nobody",
      headers: { "X-Coordination-Internal-Key": "the internal key of this test" },
    } as const;
    expect((await patchState(project, { state: "ACTIVE" }, byService)).body).toMatchObject({
      updated_by: "api-user",
      reason: null,
      paused_since: null,
    });
    const { secret } = await issueKey({ agent: "claude", scopes: ["deploy:admin"], projects: [project] });
    const { body: byAgent } = await patchState(project, { state: "ACTIVE" }, { as: "nobody", headers: byKey(secret) });
    expect(byAgent.updated_by).toBe("agent:claude");
  });

  it("keeps the lock of the build that is under way", async () => {
    await putDeployRow(stateIn({ active_spec_id: "SPEC-X", current_version: "1.2.3" }));
    await patchState(project, { state: "PAUSED" });
    expect(await stateRow(project)).toMatchObject({
      active_spec_id: "SPEC-X",
      current_version: "1.2.3",
      state: "PAUSED",
    });
  });

  it("keeps the beginning of a pause that goes on, be it one of the row or of the published copy", async () => {
    const since = "2026-01-01T00:00:00Z";
    await putConfig(project, "state.json", { state: "PAUSED", paused_since: since });
    for (const reason of ["first", "second"]) {
      expect((await patchState(project, { state: "PAUSED", reason })).body).toMatchObject({
        paused_since: since,
        reason,
      });
    }
    await patchState(project, { state: "ACTIVE" });
    expect((await patchState(project, { state: "PAUSED" })).body.paused_since).not.toBe(since);
  });

  it.each([
    ["no state", {}],
    ["a word that nobody knows", { state: "STOPPED" }],
    ["a number", { state: 1 }],
    ["a reason that is none", { state: "PAUSED", reason: 5 }],
    ["a long reason", { state: "PAUSED", reason: "x".repeat(501) }],
  ])("with %s is a 400", async (_what, body) => {
    expect((await patchState(project, body)).status).toBe(400);
    expect(await stateRow(project)).toBeUndefined();
  });

  it("of an unknown project is a 404, and needs the right to administer", async () => {
    expect((await patchState(anyName(), { state: "PAUSED" })).status).toBe(404);
    const { secret } = await issueKey({ scopes: ["deploy:write", "deploy:read"], projects: ["*"] });
    const { status, body } = await patchState(project, { state: "PAUSED" }, { as: "nobody", headers: byKey(secret) });
    expect([status, body.required_scope]).toEqual([403, "deploy:admin"]);
  });

  it("is a 500 where the copy cannot be written, and done by the next try", async () => {
    await injectFault({ service: "s3", operation: "PutObject", error: "AccessDenied", times: 9 });
    const { status, body } = await patchState(project, { state: "PAUSED" });
    await clearFaults();
    expect([status, body.error_envelope.retryable]).toEqual([500, true]);
    const again = await patchState(project, { state: "PAUSED" });
    expect(again.status).toBe(200);
    expect(await publishedState(project)).toMatchObject({ state: "PAUSED", paused_since: again.body.paused_since });
  });

  it("publishes what the row says, however many set it at once", async () => {
    const changes = Array.from({ length: 10 }, (_, index) => ({
      state: index % 2 === 0 ? "PAUSED" : "ACTIVE",
      reason: `change ${index}`,
    }));
    const answers = await Promise.all(changes.map((change) => patchState(project, change)));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    const { state, reason, paused_since } = (await stateRow(project)) ?? {};
    expect(await publishedState(project)).toMatchObject({ state, reason, paused_since });
  });

  it("with If-Match changes only the state that was read, of two at once for one of them", async () => {
    const { headers } = await getState();
    const call = { headers: { "If-Match": headers.ETag ?? "" } };
    const both = await Promise.all(
      ["one", "other"].map((reason) => patchState(project, { state: "PAUSED", reason }, call)),
    );
    const [taken, refused] = both.sort((one, other) => one.status - other.status);
    expect([taken?.status, refused?.status]).toEqual([200, 412]);
    expect(refused?.body).toMatchObject({
      error_envelope: { code: "VERSION_CONFLICT" },
      current_version: taken?.headers.ETag?.slice(1, -1),
      current_state: "PAUSED",
    });
    expect((await patchState(project, { state: "ACTIVE" }, { headers: { "If-Match": "*" } })).status).toBe(200);
  });
});

describe("a project that becomes active", () => {
  it("has what is pending looked at, counted over all pages", async () => {
    const at = (index: number) => `2026-01-01T00:00:${String(index % 60).padStart(2, "0")}Z`;
    const requests = Array.from({ length: 120 }, (_, index) => ({
      project_id: project,
      record_id: `request#REQ-20260101T000000Z-${String(index).padStart(6, "0")}`,
      record_type: "request",
      request_id: `REQ-20260101T000000Z-${String(index).padStart(6, "0")}`,
      status: "pending",
      submitted_at: at(index),
      pending_key: `${at(index)}#REQ-20260101T000000Z-${String(index).padStart(6, "0")}`,
      // So that a page of the index has a few of them.
      changes: ["x".repeat(20_000)],
    }));
    await putDeployRows(requests);
    const { body } = await patchState(project, { state: "ACTIVE" });
    expect(body.pending_requests_triggered).toBe(120);
    expect(await queue.take(project)).toEqual([
      {
        body: { project_id: project, trigger: "state_activated" },
        group: project,
        once: expect.stringContaining(`${project}:state_activated:`),
      },
    ]);
  });

  it("has nothing told where nothing waits, where nothing can be told, and where it is paused", async () => {
    expect((await patchState(project, { state: "ACTIVE" })).body).not.toHaveProperty("pending_requests_triggered");
    await submit(project, { auto_trigger: false });
    expect((await patchState(project, { state: "PAUSED" })).body).not.toHaveProperty("pending_requests_triggered");
    await injectFault({ service: "sqs", error: "AccessDenied", times: 9 });
    const { status, body } = await patchState(project, { state: "ACTIVE" });
    await clearFaults();
    expect([status, body.state]).toEqual([200, "ACTIVE"]);
    expect(body).not.toHaveProperty("pending_requests_triggered");
    expect(await queue.take(project)).toEqual([]);
  });
});

describe("a trigger", () => {
  const trigger = (name = project) => deploy("POST", `/trigger/${name}`);

  it("sends a message of its own each time", async () => {
    const { status, body } = await trigger();
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        project_id: project,
        project_state: "ACTIVE",
        triggered: true,
        queued_paused: false,
        message_id: expect.stringMatching(/./),
        triggered_at: expect.stringMatching(/Z$/),
      },
    ]);
    await trigger();
    const [first, second] = await queue.take(project);
    expect(first).toEqual({
      body: { project_id: project, trigger: "manual_api", ts: expect.stringMatching(/^\d{8}T\d{6}Z$/) },
      group: project,
      once: expect.stringContaining(`${project}:manual_api:`),
    });
    expect([second?.group, second?.once === first?.once]).toEqual([project, false]);
  });

  it("sends nothing while the project is paused", async () => {
    await patchState(project, { state: "PAUSED" });
    const { status, body } = await trigger();
    expect([status, body]).toMatchObject([200, { project_state: "PAUSED", triggered: false, queued_paused: true }]);
    expect(await queue.take(project)).toEqual([]);
  });

  it("is a 500 that no retry helps where there is no queue, whatever the project", async () => {
    process.env.SQS_QUEUE_URL = "";
    for (const name of [project, anyName()]) {
      const { status, body } = await trigger(name);
      expect([status, body.error_envelope]).toMatchObject([500, { code: "CONFIGURATION_ERROR", retryable: false }]);
    }
    process.env.SQS_QUEUE_URL = queue.url;
  });

  it("is a 502 where the message cannot be sent", async () => {
    await injectFault({ service: "sqs", error: "AccessDenied", times: 9 });
    const { status, body } = await trigger();
    await clearFaults();
    expect([status, body.error_envelope]).toMatchObject([502, { code: "UPSTREAM_ERROR", retryable: true }]);
  });

  it("of an unknown project is a 404", async () => {
    expect((await trigger(anyName())).status).toBe(404);
  });
});
