import { beforeAll, describe, expect, it } from "@jest/globals";
import { anyName, makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, create, set, type TrackerBody } from "../../support/tracker-api.ts";
import { putRow, rowsOf } from "../../support/tracker-rows.ts";

const COUNTS = { task: 150, issue: 70, feature: 30 } as const;
let project: string;
let foreign: string;
/** Every record, in the order of a list. */
let all: string[];

beforeAll(async () => {
  project = (await makeProject()).project_id;
  foreign = (await makeProject()).project_id;
  const types = Object.entries(COUNTS).flatMap(([type, count]) =>
    Array<keyof typeof COUNTS>(count).fill(type as "task"),
  );
  while (types.length > 0) await Promise.all(types.splice(0, 25).map((type) => create(project, type)));
  // Rows that are no records: as the original and the housekeeping leave them.
  for (const record_type of ["idempotency", "history_chunk", "outbox"]) {
    await putRow({
      project_id: project,
      record_id: `${record_type}#1`,
      record_type,
      item_id: "1",
      title: "",
      status: "open",
    });
  }
  const rows = await rowsOf(project);
  all = rows.filter(({ record_type }) => record_type in COUNTS).map(({ item_id }) => item_id);
}, 30_000);

type Query = Readonly<Record<string, string>>;
const list = async (query: Query = {}, of = project): Promise<TrackerBody> => {
  const answer = await call("GET", `/${of}`, undefined, { query });
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  return answer.body;
};
const refused = async (query: Query, of = project) => {
  const answer = await call("GET", `/${of}`, undefined, { query });
  return [answer.status, answer.body.error_envelope?.code, answer.body.error] as const;
};
const ids = ({ records }: TrackerBody) => records.map(({ item_id }) => item_id);
const segment = { task: "-TSK-", issue: "-ISS-", feature: "-FTR-" };

/** Every page to the end. */
async function pages(query: Query): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: TrackerBody = await list(cursor === null ? query : { ...query, cursor });
    found.push(ids(page));
    expect(page.count).toBe(page.records.length);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

describe("a list", () => {
  it("has every record and the reference row, in the order of their keys, and no housekeeping", async () => {
    const answer = await list();
    expect(answer).toMatchObject({ success: true, count: 251, next_cursor: null });
    const kinds = answer.records.map(({ record_type }) => record_type);
    expect(new Set(kinds)).toEqual(new Set(["feature", "issue", "reference", "task"]));
    expect(kinds).toEqual(kinds.toSorted());
    expect(ids(answer).filter((id) => id !== project)).toEqual(all);
  });

  it.each(["task", "issue", "feature"] as const)("of one type has those only: %s", async (type) => {
    const answer = await list({ type });
    expect(ids(answer)).toEqual(all.filter((id) => id.includes(segment[type])));
    expect(answer.count).toBe(COUNTS[type]);
  });

  it("of the reference has that row; of anything else nothing", async () => {
    expect(ids(await list({ type: "reference" }))).toEqual([project]);
    for (const type of ["counter", "outbox", "idempotency", "history_chunk", "Task", "epic"]) {
      expect((await list({ type })).records).toEqual([]);
    }
  });

  it("of a status has exactly that status", async () => {
    const [, second, third] = all.filter((id) => id.includes("-TSK-"));
    for (const id of [second, third]) await set(project, String(id), "status", "in-progress");
    expect(ids(await list({ status: "in-progress" }))).toEqual([second, third]);
    expect(ids(await list({ status: "in-progress", type: "issue" }))).toEqual([]);
    expect(ids(await list({ status: "IN-PROGRESS" }))).toEqual([]);
    expect(ids(await list({ status: "open", type: "task" }))).toHaveLength(COUNTS.task - 2);
  });

  it("has whole records; a summary leaves out what is long", async () => {
    const [whole] = (await list({ type: "issue", limit: "1" })).records;
    const [summary] = (await list({ type: "issue", limit: "1", view: "summary" })).records;
    expect(whole).toMatchObject({
      evidence: expect.any(Array),
      history: [expect.objectContaining({ status: "created" })],
    });
    const { history: _, evidence: __, ...rest }: Record<string, unknown> = whole ?? {};
    expect(summary).toEqual(rest);
    expect(whole).not.toHaveProperty("ready_scope");
  });

  it("of a project that does not exist is empty, like one of a project without records", async () => {
    const unknown = await list({}, anyName());
    expect(unknown).toEqual({ success: true, records: [], count: 0, next_cursor: null });
    expect(await list({ type: "task" }, foreign)).toEqual(unknown);
  });
});

describe("a list in pages", () => {
  it.each([
    [{ limit: "1", type: "feature" }, 30],
    [{ limit: "7", type: "task" }, 22],
    [{ limit: "50" }, 6],
    [{ limit: "250" }, 2],
    [{ limit: "251" }, 1],
    [{ limit: "1000" }, 1],
  ] as const)("has each record once: %j", async (query, count) => {
    const found = await pages(query);
    expect(found).toHaveLength(count);
    expect(found.slice(0, -1).every((page) => page.length === Number(query.limit))).toBe(true);
    const wanted = "type" in query ? all.filter((id) => id.includes(segment[query.type])) : [...all, project];
    expect(found.flat().toSorted()).toEqual(wanted.toSorted());
  });

  it("is as full as it can be where few records match", async () => {
    const closed = all.filter((id, index) => id.includes("-ISS-") && index % 10 === 0);
    for (const id of closed) await set(project, id, "status", "closed");
    expect(await pages({ status: "closed", limit: "3" })).toEqual(
      [closed.slice(0, 3), closed.slice(3, 6), closed.slice(6)].filter(({ length }) => length > 0),
    );
  });

  it("goes on where it ended though records came in between", async () => {
    const { project_id } = await makeProject();
    for (let count = 0; count < 6; count += 1) await create(project_id, "task");
    const first = await list({ limit: "3", type: "task" }, project_id);
    await create(project_id, "task");
    const second = await list({ limit: "10", type: "task", cursor: String(first.next_cursor) }, project_id);
    expect([...ids(first), ...ids(second)]).toEqual(
      (await rowsOf(project_id)).filter(({ record_type }) => record_type === "task").map(({ item_id }) => item_id),
    );
  });

  it("takes one read a page", async () => {
    const queries: Query[] = [{ limit: "20" }, { limit: "20", type: "task" }, { limit: "20", type: "feature" }, {}];
    for (const query of queries) {
      const calls = await callsDuring(() => list(query));
      expect(calls.map(({ operation }) => operation)).toEqual(["Query"]);
    }
  });

  it.each(["0", "-1", "1001", "1.5", "ten", "", " 5", "1e2", "99999999999999999999"])(
    "is not of %j records",
    async (limit) => {
      expect(await refused({ limit })).toEqual([400, "INVALID_INPUT", expect.stringContaining("limit")]);
    },
  );

  it.each([
    ["nonsense", "nonsense"],
    ["an empty one", ""],
    ["JSON that is no cursor", Buffer.from('{"a":1}').toString("base64url")],
    ["JSON null", Buffer.from("null").toString("base64url")],
    ["a list", Buffer.from("[]").toString("base64url")],
    ["a very long one", "A".repeat(5_000)],
  ])("does not go on from a cursor that is none: %s", async (_what, cursor) => {
    expect(await refused({ cursor })).toEqual([400, "INVALID_INPUT", expect.stringMatching(/cursor/)]);
  });

  it("does not go on from a cursor of another list", async () => {
    const { next_cursor } = await list({ limit: "5", type: "task" });
    const cursor = String(next_cursor);
    const others: Query[] = [{}, { type: "issue" }, { type: "task", status: "open" }];
    for (const query of others) {
      expect(await refused({ ...query, cursor })).toEqual([400, "INVALID_INPUT", expect.stringContaining("cursor")]);
    }
    expect(await refused({ type: "task", cursor }, foreign)).toEqual([
      400,
      "INVALID_INPUT",
      expect.stringContaining("cursor"),
    ]);
    expect((await list({ type: "task", limit: "9", cursor })).records).toHaveLength(9);
  });

  it("does not go on from a cursor whose position somebody has changed", async () => {
    const { next_cursor } = await list({ limit: "5" });
    const { s } = JSON.parse(Buffer.from(String(next_cursor), "base64url").toString()) as { s: string };
    const positions = [
      {},
      { project_id: foreign, record_id: "task#X" },
      { project_id: project },
      { project_id: project, record_id: 5 },
      { project_id: project, record_id: "" },
      { project_id: project, record_id: "task#X", more: "x" },
      { project_id: 1e300, record_id: "x" },
      { project_id: "", record_id: "" },
    ];
    for (const p of positions) {
      const cursor = Buffer.from(JSON.stringify({ s, p })).toString("base64url");
      expect([p, ...(await refused({ cursor }))]).toEqual([p, 400, "INVALID_INPUT", expect.stringContaining("cursor")]);
    }
  });

  it.each<Query>([{ view: "short" }, { type: "x".repeat(65) }, { status: "x".repeat(65) }])(
    "refuses what it does not know: %j",
    async (query) => {
      expect((await refused(query))[0]).toBe(400);
    },
  );
});

describe("a list without a limit", () => {
  it("ends before an answer grows past five megabytes, and goes on from there", async () => {
    const { project_id } = await makeProject();
    const large = Array.from({ length: 125 }, (_, index) => {
      const item_id = `LRG-TSK-${index + 100}`;
      const row = { record_type: "task", item_id, title: "x", status: "open", description: "x".repeat(45_000) };
      return putRow({ project_id, record_id: `task#${item_id}`, ...row });
    });
    await Promise.all(large);
    const first = await call("GET", `/${project_id}`, undefined, { query: { type: "task" } });
    expect(Buffer.byteLength(first.text)).toBeLessThan(5_100_000);
    expect(Buffer.byteLength(first.text)).toBeGreaterThan(4_500_000);
    const second = await list({ type: "task", cursor: String(first.body.next_cursor) }, project_id);
    expect(second.next_cursor).toBeNull();
    expect(new Set([...ids(first.body), ...ids(second)]).size).toBe(125);
  });
});
