import { beforeAll, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, create, LEAST, patch, pathOf, read, set } from "../../support/tracker-api.ts";
import { putRow, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  await create(project, "task");
});

/** What a request asks AWS for, in a container that knows the project already. */
const operationsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).map(({ operation }) => operation);

/** A record that this container has not seen. */
async function unseen(fields: object = {}): Promise<string> {
  const item_id = `NEW-TSK-${Math.random().toString(36).slice(2, 10).toUpperCase()}`;
  const row = { record_type: "task", item_id, title: "x", status: "open", sync_version: 1 };
  await putRow({ project_id: project, record_id: `task#${item_id}`, ...row, ...fields });
  return item_id;
}

describe("in AWS calls a request costs", () => {
  it("1 to read a record", async () => {
    const id = await create(project, "task");
    expect(await operationsOf(() => read(project, id))).toEqual(["GetItem"]);
  });

  it("1 to read a record with a short history, 2 with a long one, 3 with a very long one", async () => {
    const id = await create(project, "task");
    const log = (count: number) => call("POST", `${pathOf(project, id)}/log`, { description: `log ${count}` });
    for (let count = 0; count < 15; count += 1) await log(count);
    expect(await operationsOf(() => read(project, id))).toEqual(["GetItem"]);
    for (let count = 0; count < 15; count += 1) await log(count);
    expect(await operationsOf(() => read(project, id))).toEqual(["GetItem", "Query"]);
    for (let count = 0; count < 90; count += 1) await log(count);
    expect(await operationsOf(() => read(project, id))).toEqual(["GetItem", "Query", "Query"]);
  });

  it("no more to read a record whose chain is long but has few notes", async () => {
    const id = await create(project, "task");
    for (let count = 0; count < 25; count += 1) await call("POST", `${pathOf(project, id)}/log`, { description: "x" });
    for (let count = 0; count < 110; count += 1) {
      await patch(project, id, { action: "note", note: "x" });
      if (count % 50 === 49) await set(project, id, "update", "");
    }
    const operations = await operationsOf(async () => expect((await read(project, id)).history).toHaveLength(28));
    expect(operations).toEqual(["GetItem", "Query", "Query"]);
  }, 20_000);

  it("2 to change a field", async () => {
    const id = await unseen();
    expect(await operationsOf(() => set(project, id, "priority", "P0"))).toEqual(["GetItem", "TransactWriteItems"]);
    expect(await operationsOf(() => set(project, id, "status", "in-progress"))).toEqual([
      "GetItem",
      "TransactWriteItems",
    ]);
  });

  it("2 to log, to put evidence on a criterion, to close", async () => {
    const id = await create(project, "feature");
    const path = pathOf(project, id);
    const both = ["GetItem", "TransactWriteItems"];
    expect(await operationsOf(() => call("POST", `${path}/log`, { description: "x" }))).toEqual(both);
    const evidence = { criterion_index: 0, evidence: "x" };
    expect(await operationsOf(() => call("POST", `${path}/acceptance-evidence`, evidence))).toEqual(both);
    expect(await operationsOf(() => call("PATCH", path, { action: "close" }))).toEqual(both);
  });

  it("2 to create a record", async () => {
    expect(await operationsOf(() => create(project, "task"))).toEqual(["UpdateItem", "TransactWriteItems"]);
  });

  it("4 to create a record that relates to others, however many", async () => {
    const related = await Promise.all(Array.from({ length: 40 }, () => create(project, "issue")));
    const operations = await operationsOf(() => call("POST", `/${project}/task`, { ...LEAST.task, related }));
    expect(operations).toEqual(["Query", "BatchGetItem", "UpdateItem", "TransactWriteItems"]);
    const again = await operationsOf(() => call("POST", `/${project}/task`, { ...LEAST.task, related }));
    expect(again).toEqual(["BatchGetItem", "UpdateItem", "TransactWriteItems"]);
  });

  it("1 look-up of a project for many ids of one prefix that nobody has", async () => {
    const related = Array.from({ length: 20 }, (_, index) => `QQX-TSK-${index}`);
    const operations = await operationsOf(() => call("POST", `/${project}/task`, { ...LEAST.task, related }));
    expect(operations).toEqual(["Query", "UpdateItem", "TransactWriteItems"]);
  });

  it("1 to check a record out that this container has just read, 2 otherwise", async () => {
    const checkout = (id: string) => call("POST", `${pathOf(project, id)}/checkout`, { provider: "claude" });
    const seen = await unseen();
    await read(project, seen);
    expect(await operationsOf(() => checkout(seen))).toEqual(["TransactWriteItems"]);
    const cold = await unseen();
    expect(await operationsOf(() => checkout(cold))).toEqual(["GetItem", "TransactWriteItems"]);
  });

  it("1 to be refused a checkout, whatever this container knows of the record", async () => {
    const checkout = async (id: string) => {
      const answer = await call("POST", `${pathOf(project, id)}/checkout`, { provider: "codex" });
      expect([answer.status, answer.body.reason]).toEqual([409, "SESSION_LOCKED"]);
    };
    const held = {
      active_agent_session: true,
      active_agent_session_id: "claude",
      lease_expires_at: "2999-01-01T00:00:00Z",
    };
    const cold = await unseen(held);
    expect(await operationsOf(() => checkout(cold))).toEqual(["GetItem"]);
    const seen = await unseen(held);
    await read(project, seen);
    expect(await operationsOf(() => checkout(seen))).toEqual(["GetItem"]);
    // Known as free, but taken in the meantime by way of another container: the failed write itself says who has it.
    const stale = await unseen();
    await read(project, stale);
    await putRow({ ...(await stored(project, stale)), ...held, sync_version: 2 });
    expect(await operationsOf(() => checkout(stale))).toEqual(["TransactWriteItems"]);
  });

  it("no more to an agent whose key this container knows, whatever its projects", async () => {
    for (const projects of [["*"], [project]]) {
      const headers = byKey((await issueKey({ projects })).secret);
      const asAgent = (method: string, path: string, body?: object) =>
        operationsOf(() => call(method, path, body, { as: "stranger", headers }));
      const id = await create(project, "task");
      await asAgent("GET", pathOf(project, id));
      expect(await asAgent("GET", pathOf(project, id))).toEqual(["GetItem"]);
      expect(await asAgent("GET", `/${project}`)).toEqual(["Query"]);
      const change = { field: "priority", value: "P0" };
      expect(await asAgent("PATCH", pathOf(project, id), change)).toEqual(["GetItem", "TransactWriteItems"]);
      expect(await asAgent("POST", `/${project}/task`, LEAST.task)).toEqual(["UpdateItem", "TransactWriteItems"]);
      expect(await asAgent("POST", `${pathOf(project, id)}/checkout`, { provider: "claude" })).toHaveLength(1);
    }
  });

  it("nothing to be refused for the body", async () => {
    const id = await create(project, "task");
    expect(await operationsOf(() => patch(project, id, { field: "history", value: [] }))).toEqual([]);
  });

  it("1 more for a project that this container does not know yet", async () => {
    const other = (await makeProject()).project_id;
    expect(await operationsOf(() => create(other, "task"))).toEqual([
      "GetItem",
      "UpdateItem",
      "Query",
      "UpdateItem",
      "TransactWriteItems",
    ]);
    expect(await operationsOf(() => create(other, "task"))).toEqual(["UpdateItem", "TransactWriteItems"]);
  });
});
