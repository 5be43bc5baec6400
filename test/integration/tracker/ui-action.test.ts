import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { create, patch, read, set, walk } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

const act = (id: string, action: unknown, more: object = {}, as: "person" | "service" = "person") =>
  patch(project, id, { action, ...more }, { as });

const eventsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).filter(({ service }) => service === "eventbridge");

describe("close", () => {
  it.each([
    ["task", "closed"],
    ["issue", "closed"],
    ["feature", "completed"],
  ] as const)("brings a %s to %s, whatever gates there are", async (type, status) => {
    const id = await create(project, type);
    const answer = await act(id, "close");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      action: "close",
      record_id: id,
      updated_status: status,
      updated_at: expect.any(String),
    });
    const record = await read(project, id);
    expect(record).toMatchObject({ status, sync_version: 2, last_update_note: "Closed via Enceladus PWA" });
    expect(record.history.at(-1)).toEqual({
      timestamp: answer.body.updated_at,
      status: "close_audit",
      description: "Closed via Enceladus PWA",
      agent_details: "Enceladus PWA (human user)",
      closed_time: answer.body.updated_at,
    });
    expect(record.write_source).toMatchObject({ auth_mode: "cognito", channel: "mutation_api" });
  });

  it("of a closed record changes nothing", async () => {
    for (const type of ["task", "issue", "feature"] as const) {
      const id = await create(project, type);
      await act(id, "close");
      const before = await snapshot(project, id);
      const answer = await act(id, "close");
      expect(answer).toMatchObject({ status: 200, body: { updated_at: before.row?.updated_at } });
      expect(await snapshot(project, id)).toEqual(before);
    }
  });

  it("of a row of older spelling that is closed changes nothing", async () => {
    const item_id = "OLD-FTR-003";
    const row = { record_type: "feature", item_id, title: "x", status: "Closed", updated_at: "2025-01-01T00:00:00Z" };
    await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row });
    expect((await act(item_id, "close")).body.updated_at).toBe("2025-01-01T00:00:00Z");
    expect((await stored(project, item_id)).sync_version).toBeUndefined();
  });

  it("says in the words of its caller why, and which service it was", async () => {
    const id = await create(project, "issue");
    await act(id, "close", { note: " Fixed by #12 ", provider: "github" }, "service");
    expect((await read(project, id)).history.at(-1)).toMatchObject({
      status: "close_audit",
      description: "Fixed by #12",
      agent_details: "github",
    });
  });

  it("does not ask who holds the record", async () => {
    const id = await create(project, "task");
    await set(project, id, "active_agent_session", true, { provider: "claude" });
    expect((await act(id, "close")).status).toBe(200);
  });
});

describe("reopen", () => {
  it.each([
    ["task", "open"],
    ["issue", "open"],
    ["feature", "planned"],
  ] as const)("brings a closed %s to %s and tells the bus", async (type, status) => {
    const id = await create(project, type);
    const closed = (await act(id, "close")).body.updated_status;
    const events = await eventsOf(async () => {
      const answer = await act(id, "reopen");
      expect(answer).toMatchObject({ status: 200, body: { action: "reopen", record_id: id, updated_status: status } });
    });
    const record = await read(project, id);
    expect(record).toMatchObject({ status, sync_version: 3 });
    expect(record.history.at(-1)).toEqual({
      timestamp: record.updated_at,
      status: "reopened",
      description: "Reopened via Enceladus PWA",
    });
    expect(events.map(({ status: answered }) => answered)).toEqual([200]);
    const [{ Entries }] = events.map(({ request }) => request) as [{ Entries: { Detail: string }[] }];
    expect(Entries.map(({ Detail }) => JSON.parse(Detail))).toEqual([
      {
        project_id: project,
        record_type: type,
        record_id: id,
        previous_status: closed,
        new_status: status,
        reopened_at: record.updated_at,
      },
    ]);
  });

  it("of an open record changes nothing and tells nobody", async () => {
    const id = await create(project, "task");
    const before = await snapshot(project, id);
    const events = await eventsOf(async () => {
      expect(await act(id, "reopen")).toMatchObject({ status: 200, body: { updated_at: before.row?.updated_at } });
    });
    expect(events).toEqual([]);
    expect(await snapshot(project, id)).toEqual(before);
  });

  it("of a record that is under way is refused", async () => {
    const id = await create(project, "task");
    await walk(project, id, "deployed");
    const before = await snapshot(project, id);
    const answer = await act(id, "reopen");
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("Cannot reopen")]);
    expect(answer.body).toMatchObject({ current_status: "deployed", next_action: expect.any(String) });
    expect(await snapshot(project, id)).toEqual(before);
  });

  it("of a feature beyond completion is refused", async () => {
    const item_id = "OLD-FTR-004";
    const row = { record_type: "feature", item_id, title: "x", status: "production" };
    await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row });
    expect((await act(item_id, "reopen")).body.error).toContain("Cannot reopen");
  });

  it("says in the words of its caller why", async () => {
    const id = await create(project, "issue");
    await act(id, "close");
    await act(id, "reopen", { note: "It is back" });
    expect((await read(project, id)).history.at(-1)?.description).toBe("It is back");
  });
});

describe("an action", () => {
  it.each([["dance"], ["Close"], [" close"], [5], [true], [["close"]], [{}]])("is not %j", async (action) => {
    const id = await create(project, "task");
    const before = await snapshot(project, id);
    const answer = await act(id, action);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("action")]);
    expect(await snapshot(project, id)).toEqual(before);
  });

  it.each([[""], [0], [false], [null]])("that is %j is none: then a field is set", async (action) => {
    const id = await create(project, "task");
    expect((await patch(project, id, { action, field: "priority", value: "P0" })).body.field).toBe("priority");
  });

  it("wins over a field beside it", async () => {
    const id = await create(project, "task");
    await act(id, "close", { field: "priority", value: "P0" });
    expect(await stored(project, id)).not.toHaveProperty("priority");
  });

  it("has a note of two thousand characters at most", async () => {
    const id = await create(project, "task");
    const answer = await act(id, "close", { note: "x".repeat(2_001) });
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("maximum length")]);
    expect((await stored(project, id)).status).toBe("open");
  });

  it("of a person is in the chain under the person's name, whatever it claims to be", async () => {
    const id = await create(project, "task");
    await act(id, "close", { provider: "root", write_source: { channel: "mcp_server" } });
    const entry = (await chainOf(project, id)).at(-1);
    expect(entry).toMatchObject({
      operation: "close",
      channel: "mutation_api",
      actor: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await stored(project, id)).write_source).toMatchObject({ provider: "root", principal: entry?.actor });
  });
});

it("every action is one entry of a whole chain", async () => {
  const { project_id } = await makeProject();
  const id = await create(project_id, "task");
  for (const action of ["close", "reopen", "note", "close", "reopen"]) {
    await patch(project_id, id, { action, note: "why" }, { as: "person" });
  }
  const [row] = await expectAllIntact(project_id);
  expect(row?.sync_version).toBe(6);
});
