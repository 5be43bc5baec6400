import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, patch, set, type TrackerBody } from "../../support/tracker-api.ts";
import { expectAllIntact } from "../../support/tracker-rows.ts";

const RECORDS = 12;
/** Pages are asked for this far apart, so that there is always something written between two. */
const PAUSE_MS = 15;
/** Whoever reads would never come to the end of what others write without one. */
const MOST_WRITES = 15;

let project: string;
/** The records that are there from the start, in the order of their ids. */
let ids: string[];

beforeEach(async () => {
  project = (await makeProject()).project_id;
  ids = (await Promise.all(Array.from({ length: RECORDS }, () => create(project, "task")))).sort();
});

type Query = Readonly<Record<string, string>>;

/** Every page to the end, one after the other, while others write. */
async function pages(path: string, query: Query): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const more: Query = cursor === null ? {} : { cursor };
    const { status, body } = await call("GET", path, undefined, { query: { ...query, ...more } });
    expect([status, body.error]).toEqual([200, undefined]);
    found.push(...(body as TrackerBody).records.map(({ item_id }) => item_id));
    cursor = body.next_cursor;
    await wait(PAUSE_MS);
  } while (cursor !== null);
  return found;
}

type Write = (count: number) => Promise<{ status: number } | string>;

/** Writes, each kind on its own and as fast as it can, until the reading is over. @returns how often each kind was done */
async function whileWriting<Result>(
  writes: readonly Write[],
  work: () => Promise<Result>,
): Promise<[Result, number[]]> {
  let isOver = false;
  const loops = writes.map(async (write) => {
    let done = 0;
    for (; !isOver && done < MOST_WRITES; done += 1) {
      const answer = await write(done);
      if (typeof answer !== "string" && answer.status >= 500)
        throw new Error(`a write failed: ${JSON.stringify(answer)}`);
    }
    return done;
  });
  const result = await work().finally(() => {
    isOver = true;
  });
  return [result, await Promise.all(loops)];
}

const note = (id: string, text: string) => patch(project, id, { action: "note", note: text }, { as: "person" });
const some = (of: readonly string[], count: number) => String(of[(count * 7) % of.length]);

const writes: Write[] = [
  () => create(project, "task"),
  () => create(project, "feature"),
  (count) => patch(project, some(ids, count), { field: "priority", value: `P${count % 4}` }),
  (count) => patch(project, some(ids, count), { action: count % 2 === 0 ? "close" : "reopen" }, { as: "person" }),
  (count) => note(some(ids, count), `note ${count}`),
  (count) => patch(project, some(ids, count + 3), { field: "update", value: "" }),
];

describe("a list that is read while others write", () => {
  it.each<Query>([
    { limit: "1", type: "task" },
    { limit: "4", type: "task", fields: "title" },
    { limit: "3", view: "summary" },
  ])(
    "has every record that was there from the start once, in order: %j",
    async (query) => {
      const [found, done] = await whileWriting(writes, () => pages(`/${project}`, query));
      expect(done.every((count) => count > 0)).toBe(true);
      expect(found).toHaveLength(new Set(found).size);
      expect(found.filter((id) => ids.includes(id))).toEqual(ids);
      const tasks = found.filter((id) => id.includes("-TSK-"));
      expect(tasks).toEqual(tasks.toSorted());
    },
    20_000,
  );

  it("by its status has every record whose status nobody has changed", async () => {
    const [still, changing] = [ids.filter((_, index) => index % 2 === 0), ids.filter((_, index) => index % 2 === 1)];
    const writes: Write[] = [
      () => create(project, "task"),
      (count) => patch(project, some(changing, count), { action: "close" }, { as: "person" }),
      (count) => patch(project, some(changing, count), { action: "reopen" }, { as: "person" }),
      (count) => patch(project, some(still, count), { field: "priority", value: `P${count % 4}` }),
    ];
    const [found] = await whileWriting(writes, () => pages(`/${project}`, { limit: "2", status: "open" }));
    expect(found).toHaveLength(new Set(found).size);
    expect(found.filter((id) => still.includes(id))).toEqual(still);
  }, 20_000);
});

describe("the pending notes that are read while others write", () => {
  it.each<[what: string, query: () => Query]>([
    ["of a project", () => ({ project, limit: "1" })],
    ["of all projects", () => ({ all: "true", limit: "5" })],
  ])(
    "%s have every record whose note nobody has touched once, in order",
    async (_what, query) => {
      const [still, changing] = [ids.filter((_, index) => index % 2 === 0), ids.filter((_, index) => index % 2 === 1)];
      // In the same second, whose order is the index's own, and in another one.
      await Promise.all(still.slice(1).map((id) => note(id, "untouched")));
      await wait(1_100);
      await note(String(still[0]), "untouched");
      await Promise.all(changing.map((id) => note(id, "to be changed")));
      const before = (await pages("/pending-updates", query())).filter((id) => still.includes(id));
      expect(before.at(-1)).toBe(still[0]);
      const writes: Write[] = [
        (count) => note(some(changing, count), `note ${count}`),
        (count) => patch(project, some(changing, count + 2), { field: "update", value: "" }),
        (count) => patch(project, some(still, count), { field: "priority", value: `P${count % 4}` }),
        (count) =>
          patch(project, some(still, count), { action: count % 2 === 0 ? "close" : "reopen" }, { as: "person" }),
        async () => note(await create(project, "issue"), "new"),
      ];
      const [found, done] = await whileWriting(writes, () => pages("/pending-updates", query()));
      expect(done.every((count) => count > 0)).toBe(true);
      expect(found.filter((id) => still.includes(id))).toEqual(before);
      expect(before.toSorted()).toEqual(still);
    },
    20_000,
  );
});

it("what was written meanwhile is whole", async () => {
  const [found] = await whileWriting(writes, () => pages(`/${project}`, { limit: "2" }));
  expect(found.length).toBeGreaterThan(RECORDS);
  await call("POST", `/${project}/task`, LEAST.task);
  await set(project, String(ids[0]), "priority", "P0");
  await expectAllIntact(project);
}, 20_000);
