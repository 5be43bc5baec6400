import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, type TrackerBody } from "../../support/tracker-api.ts";
import { putRow, rowId } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  for (let count = 1; count <= 5; count += 1) {
    const item_id = `FLD-TSK-00${count}`;
    const row = { project_id: project, record_id: rowId(item_id), record_type: "task", item_id, sync_version: 1 };
    const note = {
      update: `note ${count}`,
      pending_update_at: `2020-01-0${count}T00:00:00Z`,
      pending_scope: "pending",
    };
    const text = { title: `Number ${count}`, status: "open", description: "x".repeat(1_000) };
    await putRow({ ...row, ...text, ...note, ...(count === 3 && { priority: "P0", constructor: "a field" }) });
  }
});

type Query = Readonly<Record<string, string>>;
const ask = (query: Query, path: string) => call("GET", path, undefined, { query });

describe.each([
  ["the list of a project", () => [`/${project}`, { type: "task" }] as const],
  ["the pending notes of a project", () => ["/pending-updates", { project }] as const],
  ["the pending notes of all projects", () => ["/pending-updates", { all: "true" }] as const],
])("%s", (_title, place) => {
  const list = async (query: Query = {}): Promise<TrackerBody> => {
    const [path, more] = place();
    const answer = await ask({ ...more, ...query }, path);
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    return answer.body;
  };
  const ofProject = ({ records }: TrackerBody) =>
    records.filter(({ item_id }) => item_id.startsWith("FLD-")) as Record<string, unknown>[];

  it("has of each record the fields that were asked for, as far as it has them, and its id", async () => {
    expect(ofProject(await list({ fields: "title,priority" }))).toEqual(
      [1, 2, 3, 4, 5].map((count) => ({
        item_id: `FLD-TSK-00${count}`,
        title: `Number ${count}`,
        ...(count === 3 && { priority: "P0" }),
      })),
    );
    expect(ofProject(await list({ fields: "item_id" }))[0]).toEqual({ item_id: "FLD-TSK-001" });
    expect(ofProject(await list({ fields: "constructor" }))[2]).toEqual({
      item_id: "FLD-TSK-003",
      constructor: "a field",
    });
  });

  it("has them as they are without", async () => {
    const whole = ofProject(await list());
    const names = Object.keys(whole[2] ?? {}).join(",");
    expect(names).toContain("history");
    expect(ofProject(await list({ fields: names }))).toEqual(whole);
    expect(JSON.stringify(ofProject(await list({ fields: names })))).toBe(JSON.stringify(whole));
  });

  it("shows nothing of the store's own, though it be asked for", async () => {
    const fields = "pending_scope,ready_scope,history_recent,row_version";
    expect(ofProject(await list({ fields }))[0]).toEqual({ item_id: "FLD-TSK-001" });
  });

  it("goes on with other fields, or with all, where a page has ended", async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    for (const fields of ["title", "", "status,update", "title", ""]) {
      const query: Query = { limit: "1", ...(fields && { fields }), ...(cursor !== null && { cursor }) };
      const page: TrackerBody = await list(query);
      ids.push(...page.records.map(({ item_id }) => item_id));
      cursor = page.next_cursor;
    }
    expect(ids).toEqual([1, 2, 3, 4, 5].map((count) => `FLD-TSK-00${count}`));
  });

  it("costs no more", async () => {
    const operations = async (query: Query) => (await callsDuring(() => list(query))).map(({ operation }) => operation);
    expect(await operations({ fields: "title", limit: "3" })).toEqual(await operations({ limit: "3" }));
  });

  it.each([
    "",
    ",",
    "title,",
    "Title",
    "a b",
    "__proto__",
    "x".repeat(65),
    Array(51).fill("a").join(","),
    "title;status",
  ])("does not know the fields %j", async (fields) => {
    const [path, more] = place();
    const answer = await ask({ ...more, fields }, path);
    expect([answer.status, answer.body.error_envelope?.code]).toEqual([400, "INVALID_INPUT"]);
    expect(answer.body.error).toContain("fields");
  });
});

describe("a summary", () => {
  const list = async (query: Query) => (await ask({ type: "task", ...query }, `/${project}`)).body;

  it("with fields has those that it shows", async () => {
    const [record] = (await list({ view: "summary", fields: "title,description,history" })).records;
    expect(record).toEqual({ item_id: "FLD-TSK-001", title: "Number 1" });
  });

  it("goes on where a list of whole records has ended, and the other way round", async () => {
    const whole = await list({ limit: "2" });
    const summary = await list({ limit: "2", view: "summary", cursor: String(whole.next_cursor) });
    const last = await list({ limit: "2", cursor: String(summary.next_cursor) });
    expect([whole, summary, last].flatMap(({ records }) => records.map(({ item_id }) => item_id))).toEqual(
      [1, 2, 3, 4, 5].map((count) => `FLD-TSK-00${count}`),
    );
    expect(summary.records[0]).not.toHaveProperty("description");
    expect(last.records[0]).toHaveProperty("description");
  });
});

it("a page without a limit is as long as what it shows allows", async () => {
  const { project_id } = await makeProject();
  const rows = Array.from({ length: 16 }, (_, index) => {
    const item_id = `LRG-TSK-${index + 100}`;
    const row = { record_type: "task", item_id, title: "x", status: "open", description: "x".repeat(350_000) };
    return putRow({ project_id, record_id: rowId(item_id), ...row });
  });
  await Promise.all(rows);
  const whole = await ask({ type: "task" }, `/${project_id}`);
  expect(whole.body.next_cursor).not.toBeNull();
  const titles = await ask({ type: "task", fields: "title" }, `/${project_id}`);
  expect([titles.body.count, titles.body.next_cursor]).toEqual([16, null]);
});
