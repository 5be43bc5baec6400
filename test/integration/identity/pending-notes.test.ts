import { beforeAll, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, type TrackerBody } from "../../support/tracker-api.ts";
import { putRow } from "../../support/tracker-rows.ts";

const PROJECTS = 3;
const NOTES = 12;

/** The projects of the key, one of another key, and one without a note. */
let mine: string[];
let foreign: string;
let empty: string;
let headers: Record<string, string>;
/** Every note of the key's projects, oldest first; several have the same second. */
let expected: string[];

beforeAll(async () => {
  const made = await Promise.all(Array.from({ length: PROJECTS + 2 }, () => makeProject()));
  mine = made.slice(0, PROJECTS).map(({ project_id }) => project_id);
  [foreign = "", empty = ""] = made.slice(PROJECTS).map(({ project_id }) => project_id);
  const notes = [...mine, foreign].flatMap((project_id, place) =>
    Array.from({ length: NOTES }, (_, number) => ({
      project_id,
      item_id: `N${place}-TSK-${String(number).padStart(3, "0")}`,
      // Seconds that several projects have in common.
      pending_update_at: `2026-01-01T00:00:${String((number * 7 + place * 3) % 20).padStart(2, "0")}Z`,
    })),
  );
  for (const note of notes) {
    const row = { record_type: "task", title: "x", status: "open", update: "read me", pending_scope: "pending" };
    await putRow({ ...row, ...note, record_id: `task#${note.item_id}` });
  }
  expected = notes
    .filter(({ project_id }) => project_id !== foreign)
    .map(({ project_id, item_id, pending_update_at }) => `${pending_update_at} ${project_id} ${item_id}`)
    .sort();
  headers = byKey((await issueKey({ projects: [...mine, empty] })).secret);
});

async function pending(query: Record<string, string>, of = headers): Promise<TrackerBody> {
  const { status, body } = await call("GET", "/pending-updates", undefined, { as: "stranger", headers: of, query });
  expect([status, body.error]).toEqual([200, undefined]);
  return body;
}

/** Every page of the list, each checked for its length. */
async function pages(limit: number, query: Record<string, string> = {}): Promise<TrackerBody["records"][]> {
  const found: TrackerBody["records"][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await pending({ ...query, limit: String(limit), ...(cursor && { cursor }) });
    expect(page.count).toBe(page.records.length);
    found.push(page.records);
    cursor = page.next_cursor;
  }
  return found;
}

const named = (records: TrackerBody["records"]) =>
  records.map((record) => `${record.pending_update_at} ${record.project_id} ${record.item_id}`);
const secondsOf = (names: readonly string[]) => names.map((name) => name.split(" ")[0]);

describe("the pending notes that a key of some projects sees", () => {
  it("are those of its projects, oldest first, those of one second in the order of the projects", async () => {
    for (const query of [{}, { all: "1" }, { all: "yes", project: foreign }] as Record<string, string>[]) {
      const found = named((await pending(query)).records);
      expect([...found].sort()).toEqual(expected);
      expect(secondsOf(found)).toEqual(secondsOf(expected));
    }
  });

  it.each([1, 2, 5, 7, 35, 36, 37, 1_000])("come in pages of %i, without a gap or a double", async (limit) => {
    const found = await pages(limit);
    expect(found.flatMap(named)).toEqual(named((await pending({})).records));
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(found.at(-1)).not.toHaveLength(0);
  });

  it("of one project are that project's, and none of one that it may not see", async () => {
    for (const project of mine) {
      expect((await pages(5, { project })).flat().map(({ project_id }) => project_id)).toEqual(
        Array(NOTES).fill(project),
      );
    }
    for (const project of [foreign, empty, "nobodys"]) {
      expect(await pending({ project })).toEqual({ success: true, records: [], count: 0, next_cursor: null });
    }
  });

  it("are read project by project: what others have costs nothing", async () => {
    const calls = await callsDuring(() => pending({ limit: "3" }));
    const read = calls.map(({ operation, request }) => [operation, (request as { IndexName: string }).IndexName]);
    expect(read).toEqual(Array(PROJECTS + 1).fill(["Query", "pending-update-index"]));
    expect(JSON.stringify(calls)).not.toContain(foreign);
  });

  it("have cursors that no other list takes, nor this one those of others", async () => {
    const other = byKey((await issueKey({ projects: [foreign, empty] })).secret);
    const all = byKey((await issueKey()).secret);
    const { next_cursor } = await pending({ limit: "1" });
    const refusedTo = async (of: Record<string, string>, cursor: string | null) => {
      const query = { cursor: String(cursor) };
      return (await call("GET", "/pending-updates", undefined, { as: "stranger", headers: of, query })).status;
    };
    expect([await refusedTo(other, next_cursor), await refusedTo(all, next_cursor)]).toEqual([400, 400]);
    expect(await refusedTo(headers, (await pending({ limit: "1" }, all)).next_cursor)).toBe(400);
  });

  it("refuse a cursor that was made up", async () => {
    const { next_cursor } = await pending({ limit: "1" });
    const parts = JSON.parse(Buffer.from(String(next_cursor), "base64url").toString("utf8"));
    for (const p of [{}, { project_id: "" }, { ...parts.p, pending_update_at: "" }, { ...parts.p, more: "x" }]) {
      const cursor = Buffer.from(JSON.stringify({ ...parts, p })).toString("base64url");
      const query = { cursor };
      const answer = await call("GET", "/pending-updates", undefined, { as: "stranger", headers, query });
      expect([answer.status, answer.body.error]).toEqual([400, "Invalid pagination cursor."]);
    }
  });
});
