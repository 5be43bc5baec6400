import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { anyName, anyPrefix, makeProject } from "../../support/projects.ts";
import { clearFaults, directDynamodb, injectFault, realName } from "../../support/services.ts";
import { call, create, LEAST, read, type TrackerAnswer } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, rowOf, rowsOf, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;

beforeAll(async () => {
  const made = await makeProject();
  project = made.project_id;
  prefix = made.prefix;
});

const post = (type: string, body: object, options = {}): Promise<TrackerAnswer> =>
  call("POST", `/${project}/${type}`, body, options);

/** A project as the original left them, straight into the registry. */
async function oldProject(fields: Record<string, unknown>): Promise<string> {
  const project_id = anyName();
  const Item = {
    project_id,
    path: "",
    summary: "old",
    status: "development",
    created_at: "",
    updated_at: "",
    ...fields,
  };
  await directDynamodb.send(new PutCommand({ TableName: realName("tables", "projects"), Item }));
  return project_id;
}

describe("a new record", () => {
  it("is answered with its id and the time of its creation", async () => {
    const answer = await post("task", LEAST.task);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      success: true,
      record_id: expect.stringMatching(new RegExp(`^${prefix}-TSK-\\d{3}$`)),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it("of a task is stored with everything that a task has", async () => {
    const id = await create(project, "task", {
      ...LEAST.task,
      title: "  A title ",
      description: " as it is\n",
      priority: "P1",
      assigned_to: "ada",
      category: "implementation",
      intent: "to see",
      status: " In-Progress ",
      severity: "high",
      user_story: "ignored",
      evidence: "ignored",
      governance_hash: "ignored",
      labels: ["a"],
      provider: "claude",
      unknown_field: "ignored",
    });
    const row = await stored(project, id);
    const { created_at, write_source, history_recent, history_hash, ready_rank, ...rest } = row;
    expect(rest).toEqual({
      project_id: project,
      record_id: `task#${id}`,
      record_type: "task",
      item_id: id,
      title: "A title",
      description: " as it is\n",
      status: "in-progress",
      priority: "P1",
      assigned_to: "ada",
      category: "implementation",
      intent: "to see",
      labels: ["a"],
      acceptance_criteria: ["it is done"],
      coordination: false,
      active_agent_session: false,
      active_agent_session_id: "",
      active_agent_session_parent: false,
      fence: 0,
      sync_version: 1,
      row_version: 1,
      updated_at: created_at,
      history_seq: 1,
      history_notes: 1,
      ready_scope: `${project}#task`,
    });
    expect(write_source).toEqual({
      channel: "mutation_api",
      provider: "claude",
      dispatch_id: "",
      coordination_request_id: "",
      timestamp: created_at,
      write_id: expect.any(String),
      auth_mode: "internal-key",
      principal: "internal-key",
    });
    expect((await read(project, id)).history).toEqual([
      { timestamp: created_at, status: "created", description: "Created via tracker API [provider=claude]: A title" },
    ]);
  });

  it("of an issue has its evidence, of a feature its story and criteria that nothing shows yet", async () => {
    const issue = await read(project, await create(project, "issue", { severity: "high", hypothesis: "a race" }));
    expect(issue).toMatchObject({
      ...LEAST.issue,
      record_type: "issue",
      status: "open",
      severity: "high",
      hypothesis: "a race",
      sync_version: 1,
    });
    expect(issue).not.toHaveProperty("active_agent_session");
    const feature = await read(project, await create(project, "feature", { success_metrics: ["faster", " "] }));
    expect(feature).toMatchObject({
      record_type: "feature",
      status: "planned",
      user_story: "As a user",
      success_metrics: ["faster"],
      acceptance_criteria: [
        { description: "it works", evidence: "", evidence_acceptance: false },
        { description: "it is fast", evidence: "", evidence_acceptance: false },
      ],
    });
  });

  it("has no last note and nothing that belongs to the store in answers", async () => {
    const record = await read(project, await create(project, "task"));
    for (const field of [
      "last_update_note",
      "ready_scope",
      "ready_rank",
      "row_version",
      "history_recent",
      "history_notes",
      "update",
    ]) {
      expect(record).not.toHaveProperty(field);
    }
  });

  it("warns of an unusual category", async () => {
    const answer = await post("task", { ...LEAST.task, category: "bug" });
    expect(answer.body.warning).toContain("bug");
    expect((await read(project, answer.body.record_id)).category).toBe("bug");
  });

  it("says who wrote it: people by their token, services as they state", async () => {
    const claims = { write_source: { channel: "tracker_cli", provider: " codex " }, dispatch_id: "DSP-1" };
    const body = { ...LEAST.task, ...claims, coordination_request_id: "CRQ-1" };
    const byService = await stored(project, (await post("task", body)).body.record_id);
    expect(byService.write_source).toMatchObject({
      channel: "tracker_cli",
      provider: "codex",
      dispatch_id: "DSP-1",
      coordination_request_id: "CRQ-1",
      auth_mode: "internal-key",
      principal: "internal-key",
    });
    expect(byService).toMatchObject({ coordination: true, coordination_request_id: "CRQ-1" });
    expect(byService).not.toHaveProperty("dispatch_id");
    const byPerson = await stored(project, (await post("task", body, { as: "person" })).body.record_id);
    expect(byPerson.write_source).toMatchObject({ channel: "mutation_api", provider: "codex", auth_mode: "cognito" });
    expect(byPerson.write_source?.principal).toMatch(/^[0-9a-f-]{36}$/);
    const [entry] = await chainOf(project, byPerson.item_id);
    expect(entry).toMatchObject({
      actor: byPerson.write_source?.principal,
      channel: "mutation_api",
      operation: "create",
    });
    expect(entry?.note?.description).toBe("Created via tracker API [provider=codex, dispatch=DSP-1]: Do it");
  });

  it("has exactly one entry in its history", async () => {
    for (const row of await expectAllIntact(project)) expect(row.sync_version).toBe(1);
  });
});

describe("a refusal", () => {
  it.each<[what: string, type: string, change: object, error: string]>([
    ["no title", "task", { title: " " }, "title"],
    ["a long title", "task", { title: "x".repeat(501) }, "title"],
    ["a status behind a gate", "task", { status: "deployed" }, "status"],
    [
      "coordination without a request",
      "task",
      { coordination: true },
      "coordination=true requires coordination_request_id",
    ],
    [
      "a dispatch without a request",
      "task",
      { dispatch_id: "DSP-1" },
      "coordination=true requires coordination_request_id",
    ],
    ["a switch that is none", "task", { coordination: "perhaps" }, "coordination"],
    ["a task without criteria", "task", { acceptance_criteria: [" "] }, "acceptance_criteria"],
    ["a feature without criteria", "feature", { acceptance_criteria: null }, "acceptance_criteria"],
    ["a feature without a story", "feature", { user_story: "" }, "user_story"],
    ["an issue without evidence", "issue", { evidence: [] }, "evidence"],
    ["evidence that is no object", "issue", { evidence: ["seen"] }, "evidence[0] must be an object"],
    ["evidence without description", "issue", { evidence: [{ steps_to_duplicate: ["a"] }] }, "evidence[0].description"],
    ["evidence without steps", "issue", { evidence: [{ description: "a" }] }, "evidence[0].steps_to_duplicate"],
    ["a primary task of a task", "task", { primary_task: "X-TSK-1" }, "primary_task is only valid"],
    ["a primary task that is none", "issue", { primary_task: "X-ISS-1" }, "primary_task must reference a task"],
    ["too long a text", "task", { description: "x".repeat(50_001) }, "description"],
    ["too long a name", "task", { provider: "x".repeat(50_001) }, "provider"],
    ["an id that no key takes", "task", { related: `${"A".repeat(2_000)}-TSK-1` }, "related"],
  ])("of %s writes nothing and takes no id", async (_what, type, change, error) => {
    const before = await rowsOf(project);
    const answer = await post(type, { ...LEAST[type as keyof typeof LEAST], ...change });
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(error)]);
    expect(answer.body.error_envelope).toMatchObject({ code: "INVALID_INPUT", retryable: false });
    expect(await rowsOf(project)).toEqual(before);
  });

  it("of a project without a prefix is a 404", async () => {
    for (const fields of [{}, { prefix: "toolong" }]) {
      const answer = await call("POST", `/${await oldProject(fields)}/task`, LEAST.task);
      expect([answer.status, answer.body.error]).toEqual([404, expect.stringContaining("has no prefix")]);
    }
  });
});

describe("ids", () => {
  it("are consecutive in their project and type, each type for itself", async () => {
    const { project_id, prefix: own } = await makeProject();
    const ids: string[] = [];
    for (const type of ["task", "task", "issue", "feature", "task", "issue"] as const)
      ids.push(await create(project_id, type));
    expect(ids).toEqual(["TSK-001", "TSK-002", "ISS-001", "FTR-001", "TSK-003", "ISS-002"].map((id) => `${own}-${id}`));
  });

  it("go on above the highest number in use where there is no counter, compared as numbers", async () => {
    const project_id = await oldProject({ prefix: anyPrefix() });
    const used = ["ABC-TSK-0999", "ABC-TSK-1000", "ABC-TSK-20x", "ABC-5000", "ABC-TSK-", "X-Y-TSK-998"];
    for (const id of used) await putRow({ project_id, record_id: `task#${id}`, record_type: "task", item_id: id });
    await putRow({ project_id, record_id: "issue#ABC-ISS-7000", record_type: "issue", item_id: "ABC-ISS-7000" });
    expect(await create(project_id, "task")).toMatch(/^[A-Z]{3}-TSK-1001$/);
    expect(await rowOf(project_id, "counter#task")).toMatchObject({
      next_num: 1_001,
      record_type: "counter",
      item_id: "COUNTER-TASK",
      created_at: expect.any(String),
      updated_at: expect.any(String),
      write_source: expect.objectContaining({ channel: "mutation_api", auth_mode: "internal-key" }),
    });
  });

  it("that are taken in spite of the counter are passed over", async () => {
    const made = await makeProject();
    const project_id = made.project_id;
    for (const number of ["001", "002", "003"]) {
      const item_id = `${made.prefix}-TSK-${number}`;
      await putRow({ project_id, record_id: `task#${item_id}`, record_type: "task", item_id, title: "old" });
    }
    await putRow({
      project_id,
      record_id: "counter#task",
      record_type: "counter",
      item_id: "COUNTER-TASK",
      next_num: 0,
    });
    expect(await create(project_id, "task")).toBe(`${made.prefix}-TSK-004`);
    expect((await rowOf(project_id, `task#${made.prefix}-TSK-001`))?.title).toBe("old");
  });

  it("that are all taken end in an error of ours after 32 attempts", async () => {
    const { project_id, prefix: own } = await makeProject();
    for (let number = 1; number <= 32; number += 1) {
      const item_id = `${own}-TSK-${String(number).padStart(3, "0")}`;
      await putRow({ project_id, record_id: `task#${item_id}`, record_type: "task", item_id });
    }
    await putRow({
      project_id,
      record_id: "counter#task",
      record_type: "counter",
      item_id: "COUNTER-TASK",
      next_num: 0,
    });
    const answer = await call("POST", `/${project_id}/task`, LEAST.task);
    expect([answer.status, answer.body.error_envelope.code]).toEqual([500, "INTERNAL_ERROR"]);
    expect(await create(project_id, "task")).toMatch(/-TSK-03\d$/);
  });

  it("grow past 999", async () => {
    const { project_id, prefix: own } = await makeProject();
    await putRow({
      project_id,
      record_id: "counter#issue",
      record_type: "counter",
      item_id: "COUNTER-ISSUE",
      next_num: 999,
    });
    expect(await create(project_id, "issue")).toBe(`${own}-ISS-1000`);
  });
});

describe("with an Idempotency-Key", () => {
  it("a repeated request makes one record and is answered the same", async () => {
    const { project_id } = await makeProject();
    const headers = { "Idempotency-Key": "once" };
    const first = await call("POST", `/${project_id}/task`, LEAST.task, { headers });
    const second = await call("POST", `/${project_id}/task`, LEAST.task, { headers });
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers["Idempotency-Replayed"]).toBe("true");
    const other = await call("POST", `/${project_id}/task`, { ...LEAST.task, title: "Another" }, { headers });
    expect([other.status, other.body.error_envelope.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
    expect(await expectAllIntact(project_id)).toHaveLength(1);
  });

  it("one whose answer got lost after the record was written is repeated without a twin", async () => {
    const { project_id } = await makeProject();
    const headers = { "Idempotency-Key": "lost" };
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", dropAnswer: true, times: 10 });
    const lost = await call("POST", `/${project_id}/task`, LEAST.task, { headers });
    await clearFaults();
    expect(lost.status).toBe(500);
    const [record] = await expectAllIntact(project_id);
    const again = await call("POST", `/${project_id}/task`, LEAST.task, { headers });
    expect(again).toMatchObject({ status: 201, body: { record_id: record?.item_id, created_at: record?.created_at } });
    expect(await expectAllIntact(project_id)).toHaveLength(1);
  });
});
