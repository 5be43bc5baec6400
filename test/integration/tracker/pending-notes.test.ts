import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { anyName, makeProject } from "../../support/projects.ts";
import { call, create, patch, read, set, type TrackerBody } from "../../support/tracker-api.ts";
import { expectAllIntact, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
let other: string;
let waiting: string[];

type Query = Readonly<Record<string, string>>;
const note = (id: string, text: unknown, of = project) =>
  patch(of, id, { action: "note", note: text }, { as: "person" });
const pending = async (query: Query): Promise<TrackerBody> => {
  const answer = await call("GET", "/pending-updates", undefined, { query });
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  return answer.body;
};
const ids = ({ records }: TrackerBody) => records.map(({ item_id }) => item_id);

beforeAll(async () => {
  project = (await makeProject()).project_id;
  other = (await makeProject()).project_id;
  const types = ["task", "issue", "feature", "task", "task"] as const;
  const made = await Promise.all(types.map((type) => create(project, type)));
  const [a = "", b = "", c = "", d = ""] = made;
  waiting = [c, a, d];
  await note(waiting[0] ?? "", "first");
  await wait(1_100);
  await note(a, "second");
  await note(b, "taken back");
  await set(project, b, "update", "");
  await wait(1_100);
  await note(d, "third");
  await note(await create(other, "issue"), "elsewhere", other);
});

describe("a note", () => {
  it("waits at its record, is no entry of the history and no last note", async () => {
    const id = await create(project, "task");
    const before = await read(project, id);
    const answer = await note(id, "  Look at this ");
    expect(answer).toMatchObject({ status: 200, body: { success: true, action: "note", record_id: id } });
    expect(answer.body).not.toHaveProperty("updated_status");
    const after = await read(project, id);
    expect(after).toMatchObject({
      update: "Look at this",
      pending_update_at: after.updated_at,
      sync_version: 2,
      history: before.history,
      write_source: { auth_mode: "cognito", channel: "mutation_api" },
    });
    expect(after).not.toHaveProperty("last_update_note");
    expect(after).not.toHaveProperty("pending_scope");
    await set(project, id, "update", "");
  });

  it("is added to one that waits already", async () => {
    const id = await create(project, "task");
    for (const text of ["one", "two"]) await note(id, text);
    expect((await read(project, id)).update).toBe("one\n\ntwo");
    for (let count = 0; count < 4; count += 1) await note(id, "x".repeat(2_000));
    const before = await snapshot(project, id);
    const answer = await note(id, "x".repeat(2_000));
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("maximum length")]);
    expect(await snapshot(project, id)).toEqual(before);
    await set(project, id, "update", "");
  });

  it.each([[undefined], [null], [""], ["  "]])("is not %j", async (text) => {
    const answer = await note(waiting[0] ?? "", text);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("note")]);
  });

  it("has at most two thousand characters", async () => {
    const answer = await note(waiting[0] ?? "", "😀".repeat(2_001));
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("maximum length")]);
  });
});

describe("the list of pending notes", () => {
  it("of a project has the records with a note, oldest note first", async () => {
    const answer = await pending({ project });
    expect(ids(answer)).toEqual(waiting);
    expect(answer).toMatchObject({ success: true, count: 3, next_cursor: null });
    expect(answer.records.map(({ update }) => update)).toEqual(["first", "second", "third"]);
    expect(answer.records[0]).toMatchObject({ title: "Be able to", history: expect.any(Array) });
    expect(answer.records[0]).not.toHaveProperty("pending_scope");
  });

  it.each<Query>([{}, { all: "true" }, { all: "YES" }, { all: "1" }])(
    "of all projects has those of all: %j",
    async (query) => {
      const everywhere = "all" in query ? { ...query, project } : query;
      const projects = new Set((await pending(everywhere)).records.map(({ project_id }) => project_id));
      expect([...projects]).toEqual(expect.arrayContaining([project, other]));
    },
  );

  it("of one project has none of another, whatever else all says", async () => {
    expect(new Set((await pending({ project: other, all: "no" })).records.map(({ project_id }) => project_id))).toEqual(
      new Set([other]),
    );
    expect((await pending({ project: anyName() })).records).toEqual([]);
  });

  it.each<[limit: number, query: () => Query]>([
    [1, () => ({ project })],
    [3, () => ({ all: "1" })],
  ])("comes in pages of %i, without a gap or a double", async (limit, query) => {
    // Other tests write notes elsewhere meanwhile.
    const ours = ({ records }: TrackerBody) =>
      records.filter(({ project_id }) => project_id === project || project_id === other).map(({ item_id }) => item_id);
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const more: Query = cursor === null ? {} : { cursor };
      const page: TrackerBody = await pending({ ...query(), ...more, limit: String(limit) });
      expect(page.records.length).toBeLessThanOrEqual(limit);
      found.push(...ours(page));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(found).toEqual(ours(await pending(query())));
    expect(found.length).toBeGreaterThanOrEqual(waiting.length);
  });

  it("refuses a bad limit and a cursor of another list", async () => {
    const { next_cursor } = await pending({ project, limit: "1" });
    const cursor = String(next_cursor);
    const refused: Query[] = [{ limit: "0" }, { cursor: "x" }, { all: "1", cursor }, { project: other, cursor }];
    for (const query of refused) {
      const answer = await call("GET", "/pending-updates", undefined, { query });
      expect([answer.status, answer.body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    }
  });

  it("loses a record whose note is cleared", async () => {
    const id = await create(other, "task");
    await set(other, id, "update", "By a field update");
    expect(ids(await pending({ project: other }))).toContain(id);
    expect(await stored(other, id)).toMatchObject({ update: "By a field update", pending_scope: "pending" });
    await set(other, id, "update", "");
    expect(ids(await pending({ project: other }))).not.toContain(id);
    const row = await stored(other, id);
    expect(row.update).toBe("");
    expect(row).not.toHaveProperty("pending_update_at");
    expect(row).not.toHaveProperty("pending_scope");
  });

  it("is not what a project of its name is read by", async () => {
    expect((await call("GET", "/pending-updates/task/X-TSK-1")).status).toBe(404);
  });
});

it("every note is an entry of the chain", async () => {
  await expectAllIntact(project);
  await expectAllIntact(other);
});
