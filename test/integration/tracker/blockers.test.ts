import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { AwsCall } from "../../../scripts/local/wire/calls.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { type Planted, plant } from "../../support/planted-graph.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring, clearFaults, type FaultRequest, faultsMet, injectFault } from "../../support/services.ts";
import { call, create, type LEAST, patch, pathOf, read, set, walk } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, linksOf, rowsOf, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;

beforeEach(async () => {
  const made = await makeProject();
  [project, prefix] = [made.project_id, made.prefix];
});

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
  await expectGraph(project);
});

const make = (type: keyof typeof LEAST = "task") => create(project, type);
const makeSome = async (count: number) => (await Promise.all(Array.from({ length: count }, () => make()))).sort();
const id = (number: number) => `${prefix}-TSK-${String(number).padStart(3, "0")}`;
const dependency = (from: string, to: string) => `${pathOf(project, from)}/dependencies/${to}`;
const put = (from: string, to: string, kind = "blocks") => call("PUT", dependency(from, to), { kind });
const remove = (from: string, to: string, kind = "blocks") =>
  call("DELETE", dependency(from, to), {}, { query: { kind } });
const close = (itemId: string) => patch(project, itemId, { action: "close" });
const reopen = (itemId: string) => patch(project, itemId, { action: "reopen" });

async function readyIds(): Promise<string[]> {
  const { body } = await call("GET", `/${project}/ready`, undefined, { query: { types: "task,issue,feature" } });
  return body.records.map(({ item_id }) => item_id);
}

async function reasonsOf(itemId: string): Promise<unknown> {
  return (await call("GET", `${pathOf(project, itemId)}/explain`)).body.reasons;
}

/** A look for work where there is none: whoever looks finishes what others have left undone. */
async function lookForWork(): Promise<void> {
  const answer = await call("POST", `/${project}/claims/next`, { session_id: "ada", types: ["feature"] });
  expect([answer.status, answer.body.error_envelope.code]).toEqual([404, "NOTHING_READY"]);
}

describe("a record waits for its blocker", () => {
  const bring = (external_id: string, status: string, more: object = {}) => {
    const created_at = "2026-01-01T00:00:00Z";
    const records = [{ external_id, type: "task", title: external_id, status, created_at, ...more }];
    return call("POST", `/${project}/imports`, { records });
  };

  it.each<[string, (blocker: string) => Promise<unknown>, (blocker: string) => Promise<unknown>]>([
    ["a person", close, reopen],
    [
      "an agent",
      (blocker) => walk(project, blocker, "closed"),
      (blocker) => set(project, blocker, "status", "open", { transition_evidence: { revert_reason: "not done" } }),
    ],
    ["an import", () => bring("b", "closed"), () => bring("b", "open")],
  ])("until %s closes it, and again when it is opened again", async (_, closing, reopening) => {
    await bring("b", "open");
    const [blocker, waiting] = [id(1), await make()];
    expect(await readyIds()).toEqual([blocker, waiting]);
    await put(waiting, blocker);
    expect(await readyIds()).toEqual([blocker]);
    const { title, status } = await stored(project, blocker);
    const told = { record_id: blocker, project_id: project, title, status };
    expect(await reasonsOf(waiting)).toEqual([{ code: "BLOCKED", blockers: [told] }]);
    await closing(blocker);
    expect((await stored(project, blocker)).status).toBe("closed");
    expect([await readyIds(), await reasonsOf(waiting)]).toEqual([[waiting], []]);
    await reopening(blocker);
    expect(await readyIds()).toEqual([blocker]);
    await expectGraph(project);
    await remove(waiting, blocker);
    expect(await readyIds()).toEqual([blocker, waiting]);
  });

  it("unless it is closed already, and from its reopening on", async () => {
    const [blocker, waiting] = (await makeSome(2)) as [string, string];
    await close(blocker);
    await put(waiting, blocker);
    expect(await readyIds()).toEqual([waiting]);
    await reopen(blocker);
    expect(await readyIds()).toEqual([blocker]);
  });

  it("and is closed and opened while it waits, without being ready for it", async () => {
    const [blocker, waiting] = (await makeSome(2)) as [string, string];
    await put(waiting, blocker);
    await close(waiting);
    expect((await stored(project, waiting)).stalled_scope).toBeUndefined();
    await reopen(waiting);
    expect(await readyIds()).toEqual([blocker]);
  });

  it("of many until the last of them is closed, in any way that edges come", async () => {
    const [one, two, three, waiting] = (await makeSome(4)) as [string, string, string, string];
    await put(waiting, one);
    await set(project, waiting, "depends_on", [one, two]);
    await bring("w", "open", { dependencies: [{ external_id: three, kind: "blocks" }] });
    await set(project, waiting, "blocked_by", `${one}, ${two}, ${three}`);
    for (const blocker of [two, one]) {
      await close(blocker);
      expect(await readyIds()).not.toContain(waiting);
    }
    await close(three);
    expect((await readyIds()).sort()).toEqual([waiting, id(5)]);
  });

  it("as a feature until it is in production, and as an issue", async () => {
    const [feature, waiting] = [await make("feature"), await make("issue")];
    await put(waiting, feature);
    expect(await readyIds()).toEqual([feature]);
    await close(feature);
    expect(await readyIds()).toEqual([waiting]);
  });

  it("of another project, and is told when it is closed there", async () => {
    const abroad = await makeProject();
    const [waiting, child] = (await makeSome(2)) as [string, string];
    const blocker = await create(abroad.project_id, "issue");
    await put(waiting, blocker);
    await put(child, waiting, "parent");
    expect(await readyIds()).toEqual([]);
    const { secret } = await issueKey({ projects: [abroad.project_id], scopes: ["tracker:write"] });
    const as = { as: "stranger", headers: byKey(secret) } as const;
    // Who closes it may not even see who waits for it.
    for (const value of ["in-progress", "closed"]) {
      const answer = await patch(abroad.project_id, blocker, { field: "status", value }, as);
      expect([answer.status, answer.text.includes(prefix)]).toEqual([200, false]);
    }
    expect(await readyIds()).toEqual([waiting, child]);
    await patch(abroad.project_id, blocker, { action: "reopen" });
    expect(await readyIds()).toEqual([]);
    await expectGraph(project, abroad.project_id);
    await remove(waiting, blocker);
  });
});

describe("a blocker of a parent", () => {
  it("holds up its children over many levels, and names the way", async () => {
    const [blocker, top, ...below] = (await makeSome(6)) as [string, string, ...string[]];
    for (const [index, child] of below.entries()) await put(child, below[index - 1] ?? top, "parent");
    expect(await readyIds()).toHaveLength(6);
    await put(top, blocker);
    expect(await readyIds()).toEqual([blocker]);
    expect(await reasonsOf(String(below.at(-1)))).toMatchObject([
      { code: "BLOCKED", blockers: [{ record_id: blocker, inherited_from: top }] },
    ]);
    await expectGraph(project);
    await close(blocker);
    expect(await readyIds()).toHaveLength(5);
    await reopen(blocker);
    expect(await readyIds()).toEqual([blocker]);
    await remove(top, blocker);
    expect(await readyIds()).toHaveLength(6);
  });

  it("holds up a child of several parents until all of them are free", async () => {
    const [one, two, left, right, child, its] = (await makeSome(6)) as [string, string, string, string, string, string];
    const feature = await make("feature");
    for (const parent of [left, right, feature]) await put(child, parent, "parent");
    await put(its, child, "parent");
    await put(left, one);
    await put(feature, two);
    expect(await readyIds()).toEqual([one, two, right]);
    await close(one);
    expect(await readyIds()).toEqual([two, left, right]);
    await remove(child, feature, "parent");
    expect((await readyIds()).sort()).toEqual([two, left, right, child, its].sort());
    await set(project, child, "parent", left);
    await reopen(one);
    expect((await readyIds()).sort()).toEqual([one, two, right].sort());
  });

  it("does not hold up by being a parent alone, open or closed", async () => {
    const [parent, child] = (await makeSome(2)) as [string, string];
    await put(child, parent, "parent");
    expect(await readyIds()).toEqual([parent, child]);
    await close(parent);
    expect(await readyIds()).toEqual([child]);
  });
});

describe("closing the last blocker", () => {
  it("makes who waits for it ready, and their children, in its own transaction", async () => {
    const [blocker, one, two, child, grandchild] = (await makeSome(5)) as [string, string, string, string, string];
    await put(one, blocker);
    await put(two, blocker);
    await put(child, one, "parent");
    await put(grandchild, child, "parent");
    const before = await rowsOf(project);
    const calls = await callsDuring(() => close(blocker));
    const writes = calls.filter(({ operation }) => !["GetItem", "BatchGetItem", "Query"].includes(operation));
    expect(writes.map(({ operation }) => operation)).toEqual(["TransactWriteItems"]);
    const { TransactItems } = (writes as [AwsCall])[0].request as {
      TransactItems: { Update?: { Key: { record_id: { S: string } } } }[];
    };
    const written = TransactItems.flatMap(({ Update }) => Update?.Key.record_id.S ?? []);
    expect(written.sort()).toEqual([blocker, one, two, child, grandchild].map((record) => `task#${record}`));
    expect(await readyIds()).toEqual([one, two, child, grandchild]);

    // For those it is no change: neither their version nor their history nor their dates tell of it.
    for (const row of before.filter(({ item_id }) => [one, two, child, grandchild].includes(item_id))) {
      const { sync_version, updated_at, history_hash, last_update_note } = await stored(project, row.item_id);
      expect({ sync_version, updated_at, history_hash, last_update_note }).toEqual({
        sync_version: row.sync_version,
        updated_at: row.updated_at,
        history_hash: row.history_hash,
        last_update_note: row.last_update_note,
      });
      const answer = await call("GET", pathOf(project, row.item_id));
      expect(answer.headers.ETag).toBe(`"${row.sync_version}"`);
    }
    expect(await chainOf(project, grandchild)).toHaveLength(2);
    await expectAllIntact(project);
  });

  it("costs nothing where nobody waits", async () => {
    const blocker = await make();
    const calls = await callsDuring(() => close(blocker));
    expect(calls.map(({ operation }) => operation)).toEqual(["GetItem", "TransactWriteItems"]);
  });

  it("of one record at once with its other one leaves it ready, every time", async () => {
    for (let repetition = 0; repetition < 20; repetition += 1) {
      const [one, two, waiting] = [id(3 * repetition + 100), id(3 * repetition + 101), id(3 * repetition + 102)];
      await plant(project, [{ item_id: one }, { item_id: two }, { item_id: waiting, blockers: [one, two] }]);
      const answers = await Promise.all([close(one), close(two)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(await stored(project, waiting)).toMatchObject({ ready_scope: `${project}#task`, sync_version: 1 });
    }
  }, 60_000);

  it("reaches those that are written at the same time", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => id(index + 100));
    await plant(project, [{ item_id: id(1) }, ...ids.map((item_id) => ({ item_id, blockers: [id(1)] }))]);
    const answers = await Promise.all([
      close(id(1)),
      ...ids.map((waiting, index) =>
        index % 2
          ? patch(project, waiting, { field: "priority", value: "P1" })
          : call("POST", `${pathOf(project, waiting)}/log`, { description: "at work" }),
      ),
    ]);
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(({ text }) => [200, text]));
    expect((await readyIds()).sort()).toEqual(ids);
    for (const waiting of ids) expect((await stored(project, waiting)).sync_version).toBe(2);
  });
});

describe("an edge that comes or goes while its blocker closes or opens", () => {
  const made = (pair: Planted[]) => plant(project, pair);

  it.each<[string, (waiting: string, blocker: string) => Promise<unknown>[]]>([
    ["is added while it is closed", (waiting, blocker) => [close(blocker), put(waiting, blocker)]],
    [
      "is added as a field while it is closed",
      (waiting, blocker) => [set(project, waiting, "depends_on", [blocker]), close(blocker)],
    ],
  ])(
    "%s: whoever waits then waits for an open one",
    async (_, work) => {
      for (let repetition = 0; repetition < 30; repetition += 1) {
        const [blocker, waiting, child] = [100, 101, 102].map((first) => id(3 * repetition + first)) as [
          string,
          string,
          string,
        ];
        await made([{ item_id: blocker }, { item_id: waiting }, { item_id: child, parents: [waiting] }]);
        await Promise.all(work(waiting, blocker));
        expect((await stored(project, blocker)).status).toBe("closed");
      }
      // The check of the whole graph comes after each test.
    },
    60_000,
  );

  it("is added, or goes, while it is opened again", async () => {
    for (let repetition = 0; repetition < 30; repetition += 1) {
      const [blocker, waiting] = [100, 101].map((first) => id(2 * repetition + first)) as [string, string];
      const fields = { status: "closed" };
      const isAdded = repetition % 2 === 0;
      await made([
        { item_id: blocker, fields },
        { item_id: waiting, ...(!isAdded && { blockers: [blocker] }) },
      ]);
      const answers = await Promise.all([reopen(blocker), isAdded ? put(waiting, blocker) : remove(waiting, blocker)]);
      expect(answers.map(({ status }) => status)).toEqual([200, isAdded ? 201 : 200]);
    }
  }, 60_000);

  it("goes between the look for it and the write: nobody waits without an edge", async () => {
    await made([
      { item_id: id(1), fields: { status: "closed" } },
      { item_id: id(2), blockers: [id(1)] },
      { item_id: id(3), parents: [id(2)] },
    ]);
    await injectFault({ operation: "BatchGetItem", delayMs: 700, times: 1 });
    const opening = reopen(id(1));
    await faultsMet();
    expect((await remove(id(2), id(1))).status).toBe(200);
    expect((await opening).status).toBe(200);
    expect((await readyIds()).sort()).toEqual([id(1), id(2), id(3)]);
  });
});

describe("more dependants than a transaction takes", () => {
  const waiting = (count: number, from: number) => Array.from({ length: count }, (_, index) => id(from + index));

  it("are all told, and their children: whoever looks for work finishes what was cut off", async () => {
    const [dependants, children] = [waiting(250, 1_000), waiting(250, 2_000)];
    await plant(project, [
      { item_id: id(1) },
      ...dependants.map((item_id) => ({ item_id, blockers: [id(1)] })),
      ...children.map((item_id, index) => ({ item_id, parents: [dependants[index] as string] })),
    ]);
    await injectFault({ operation: "TransactWriteItems", nth: 4, error: "InternalServerError", times: 100 });
    expect((await close(id(1))).status).toBe(200);
    await clearFaults();
    const told = (await rowsOf(project)).filter(({ ready_scope }) => ready_scope).length;
    expect([told > 0, told < 250]).toEqual([true, true]);
    expect((await linksOf(`${project}#unsettled`)).length).toBeGreaterThan(0);
    await lookForWork();
    const ready = (await rowsOf(project)).filter(({ ready_scope }) => ready_scope);
    expect(ready.map(({ item_id }) => item_id).sort()).toEqual([...dependants, ...children]);
  }, 120_000);

  it.each<[string, FaultRequest]>([
    ["its own write is refused", { nth: 1, error: "InternalServerError" }],
    ["the answer to its own write is lost", { nth: 1, dropAnswer: true }],
    ["the first portion is refused", { nth: 2, error: "InternalServerError" }],
    ["the answer to the first portion is lost", { nth: 2, dropAnswer: true }],
    ["the second portion is refused", { nth: 3, error: "InternalServerError" }],
    ["the answer to the second portion is lost", { nth: 3, dropAnswer: true }],
    ["the first children are refused", { nth: 4, error: "InternalServerError" }],
    ["the answer to the last children is lost", { nth: 5, dropAnswer: true }],
    ["the marker cannot be taken away", { operation: "DeleteItem", nth: 1, error: "InternalServerError" }],
    ["the dependants cannot be read", { operation: "BatchGetItem", nth: 2, error: "InternalServerError" }],
  ])(
    "are told by whoever looks for work, when %s",
    async (_, fault) => {
      // A client waits a random time before it repeats a call; the shortest is long enough here.
      jest.spyOn(Math, "random").mockReturnValue(0);
      const dependants = waiting(60, 1_000);
      const children = waiting(4, 2_000);
      await plant(project, [
        { item_id: id(1) },
        ...dependants.map((item_id) => ({ item_id, blockers: [id(1)] })),
        ...children.map((item_id, index) => ({ item_id, parents: [dependants[index < 2 ? 0 : 59] as string] })),
      ]);
      await injectFault({ operation: "TransactWriteItems", times: 1_000, ...fault });
      const answer = await close(id(1));
      await clearFaults();
      expect(answer.status).toBe(fault.operation === undefined && fault.nth === 1 ? 500 : 200);
      expect((await close(id(1))).status).toBe(200);
      await lookForWork();
      expect((await readyIds()).sort()).toEqual([...dependants, ...children]);
      expect((await read(project, id(1))).history.filter(({ status }) => status === "close_audit")).toHaveLength(1);
    },
    60_000,
  );

  it("hear of the last of several changes that follow each other at once", async () => {
    const dependants = waiting(60, 1_000);
    await plant(project, [{ item_id: id(1) }, ...dependants.map((item_id) => ({ item_id, blockers: [id(1)] }))]);
    for (let repetition = 0; repetition < 3; repetition += 1) {
      const answers = await Promise.all([
        close(id(1)),
        reopen(id(1)),
        close(id(1)),
        lookForWork().catch(() => undefined),
      ]);
      expect(answers.flatMap((answer) => (answer && answer.status >= 500 ? [answer.text] : []))).toEqual([]);
      await expectGraph(project);
    }
  }, 60_000);

  it("are told of a parent that is blocked, however many children it has", async () => {
    const children = waiting(70, 1_000);
    const blocker = await make("issue");
    await plant(project, [{ item_id: id(1) }, ...children.map((item_id) => ({ item_id, parents: [id(1)] }))]);
    expect((await put(id(1), blocker)).status).toBe(201);
    expect(await readyIds()).toEqual([blocker]);
    await close(blocker);
    expect((await readyIds()).length).toBe(71);
  });
});
