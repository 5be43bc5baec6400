import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, patch, pathOf, read, set } from "../../support/tracker-api.ts";
import { expectAllIntact, putRow } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

const log = (id: string, description: string) => call("POST", `${pathOf(project, id)}/log`, { description });

describe("a record that is read", () => {
  it("is there as it was just written", async () => {
    const id = await create(project, "task");
    for (const priority of ["P0", "P1", "P2"]) {
      await set(project, id, "priority", priority);
      expect((await read(project, id)).priority).toBe(priority);
    }
  });

  it("has every attribute in its JSON type", async () => {
    const id = await create(project, "task");
    const values = { a: 1.5, b: -7, c: [1, "x", null, { d: true }], e: "", f: null, g: { h: [] }, i: 9007199254740991 };
    for (const [field, value] of Object.entries(values)) await set(project, id, field, value);
    expect(await read(project, id)).toMatchObject(values);
  });

  it("has sets as lists, and integers that JSON cannot hold as text", async () => {
    const item_id = "OLD-TSK-001";
    await putRow({
      project_id: project,
      record_id: `task#${item_id}`,
      record_type: "task",
      item_id,
      title: "An older row",
      status: "open",
      related_task_ids: new Set(["B", "A"]),
      big: 12345678901234567890n,
    });
    const record = await read(project, item_id);
    expect(record).toMatchObject({ related_task_ids: ["A", "B"], big: "12345678901234567890", history: [] });
  });

  it("of an older row keeps its history, before what is written now", async () => {
    const item_id = "OLD-TSK-002";
    const notes = Array.from({ length: 3 }, (_, index) => ({
      timestamp: "2025-01-01T00:00:00Z",
      status: index === 0 ? "created" : "worklog",
      description: `older ${index}`,
    }));
    const row = { record_type: "task", title: "An older row", status: "open", sync_version: 3, history: notes };
    await putRow({ project_id: project, record_id: `task#${item_id}`, item_id, ...row });
    expect((await read(project, item_id)).history).toEqual(notes);
    await log(item_id, "newer");
    const record = await read(project, item_id);
    expect(record.history.map(({ description }) => description)).toEqual(["older 0", "older 1", "older 2", "newer"]);
    expect(record).toMatchObject({ sync_version: 4, last_update_note: "newer" });
    expect(record).not.toHaveProperty("history_truncated");
  });
});

describe("a record that its reader knows already", () => {
  const ask = (id: string, headers: Record<string, string> = {}) =>
    call("GET", pathOf(project, id), undefined, { headers });

  it("is named by its version, and not sent again while that is the same", async () => {
    const id = await create(project, "task");
    const first = await ask(id);
    expect([first.status, first.headers.ETag]).toEqual([200, '"1"']);
    for (const known of ['"1"', 'W/"1"', '"7", "1"', "*"]) {
      const again = await ask(id, { "If-None-Match": known });
      expect([again.status, again.text, again.headers.ETag]).toEqual([304, "", '"1"']);
    }
  });

  it("is sent once it has changed, whatever the change was", async () => {
    const id = await create(project, "task");
    const changes = [
      () => set(project, id, "priority", "P0"),
      () => log(id, "x"),
      () => patch(project, id, { action: "note", note: "x" }),
      () => call("POST", `${pathOf(project, id)}/checkout`, { provider: "claude" }),
      () => call("DELETE", `${pathOf(project, id)}/checkout`, {}),
    ];
    for (const change of changes) {
      const known = String((await ask(id)).headers.ETag);
      expect((await ask(id, { "If-None-Match": known })).status).toBe(304);
      await change();
      const { status, body, headers } = await ask(id, { "If-None-Match": known });
      expect([status, headers.ETag]).toEqual([200, `"${body.record.sync_version}"`]);
    }
  });

  it("is sent to whoever knows another one, or nothing that names one", async () => {
    const id = await create(project, "task");
    for (const known of ['"0"', '"2"', '"11"', "1", '""', "", '"1', "W/1"]) {
      expect([known, (await ask(id, { "If-None-Match": known })).status]).toEqual([known, 200]);
    }
  });

  it("has version 0 where it was written before versions", async () => {
    const item_id = "OLD-TSK-003";
    const row = { record_type: "task", title: "An older row", status: "open" };
    await putRow({ project_id: project, record_id: `task#${item_id}`, item_id, ...row });
    expect((await ask(item_id)).headers.ETag).toBe('"0"');
    expect((await ask(item_id, { "If-None-Match": '"0"' })).status).toBe(304);
    await set(project, item_id, "priority", "P0");
    expect((await ask(item_id, { "If-None-Match": '"0"' })).headers.ETag).toBe('"1"');
  });

  it("is still one that has to be there", async () => {
    const answer = await ask("NON-TSK-001", { "If-None-Match": "*" });
    expect([answer.status, answer.headers.ETag]).toEqual([404, undefined]);
  });
});

it("shows nothing that only the store needs", async () => {
  const item_id = "OLD-TSK-004";
  const own = {
    row_version: 5,
    has_dependants: true,
    open_blockers: ["X-TSK-1"],
    blocked_parents: ["X-TSK-2"],
    ...{ ready_scope: "a", ready_rank: "b", leased_scope: "c", stalled_scope: "d", pending_scope: "e" },
    ...{ lease_expires_at: "2026-01-01T00:00:00Z", pending_update_at: "2026-01-01T00:00:00Z" },
  };
  const row = { record_type: "task", title: "x", status: "open", sync_version: 1 };
  await putRow({ project_id: project, record_id: `task#${item_id}`, item_id, ...row, ...own });
  const shown = ["project_id", "record_id", "item_id", "history", "lease_expires_at", "pending_update_at"];
  expect(Object.keys(await read(project, item_id)).sort()).toEqual([...shown, ...Object.keys(row)].sort());
});

describe("the history of a record", () => {
  const texts = async (id: string) => (await read(project, id)).history.map(({ description }) => description);

  it("has the notes of all changes, oldest first, and nothing of changes without one", async () => {
    const id = await create(project, "task");
    await log(id, "one");
    await patch(project, id, { action: "note", note: "for the next agent" });
    await set(project, id, "priority", "P0");
    await log(id, "two");
    expect(await texts(id)).toEqual(["Created via tracker API: Do it", "one", "Field 'priority' set to 'P0'", "two"]);
  });

  it("longer than a row carries is read from where it is kept", async () => {
    const id = await create(project, "task");
    for (let count = 1; count <= 40; count += 1) await log(id, `log ${count}`);
    expect(await texts(id)).toEqual([
      "Created via tracker API: Do it",
      ...Array.from({ length: 40 }, (_, index) => `log ${index + 1}`),
    ]);
    expect(await read(project, id)).not.toHaveProperty("history_truncated");
  });

  it("of exactly a hundred notes is whole; of more it is the first and the newest ninety-nine", async () => {
    const id = await create(project, "issue");
    for (let count = 2; count <= 100; count += 1) await log(id, `log ${count}`);
    expect(await texts(id)).toHaveLength(100);
    expect(await read(project, id)).not.toHaveProperty("history_truncated");
    for (let count = 101; count <= 125; count += 1) {
      await log(id, `log ${count}`);
      if (count % 10 === 0) await patch(project, id, { action: "note", note: "no entry" });
    }
    const record = await read(project, id);
    expect(record.history_truncated).toBe(true);
    expect(record.history.map(({ description }) => description)).toEqual([
      "Created via tracker API: It crashes",
      ...Array.from({ length: 99 }, (_, index) => `log ${index + 27}`),
    ]);
  });

  it("may have logs of ten thousand characters, many of them", async () => {
    const id = await create(project, "task");
    const long = (count: number) => `${count} ${"é".repeat(9_990)}`;
    for (let count = 1; count <= 60; count += 1) expect((await log(id, long(count))).status).toBe(200);
    expect(await texts(id)).toEqual([
      "Created via tracker API: Do it",
      ...Array.from({ length: 60 }, (_, index) => long(index + 1)),
    ]);
    const refused = await log(id, "x".repeat(10_001));
    expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining("description")]);
  });

  it("is an entry for each change, chained", async () => {
    await call("POST", `/${project}/task`, LEAST.task);
    const records = (await expectAllIntactButOlder()).length;
    expect(records).toBeGreaterThan(4);
  });

  /** Rows that were written before there was a chain have a higher version than their chain is long. */
  async function expectAllIntactButOlder() {
    const { project_id } = await makeProject();
    const id = await create(project_id, "task");
    await Promise.all(
      Array.from({ length: 8 }, () => call("POST", `${pathOf(project_id, id)}/log`, { description: "x" })),
    );
    for (let count = 0; count < 4; count += 1) await create(project_id, "issue");
    return expectAllIntact(project_id);
  }
});
