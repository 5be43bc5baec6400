import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { plant } from "../../support/planted-graph.ts";
import { makeProject } from "../../support/projects.ts";
import { injectFault } from "../../support/services.ts";
import { call, create, LEAST, patch, pathOf, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, linksOf, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;

beforeEach(async () => {
  const made = await makeProject();
  [project, prefix] = [made.project_id, made.prefix];
});

afterEach(() => expectGraph(project));

const make = (type: keyof typeof LEAST = "task") => create(project, type);
const makeSome = async (count: number) => (await Promise.all(Array.from({ length: count }, () => make()))).sort();
const put = (from: string, to: string, kind: string) =>
  call("PUT", `${pathOf(project, from)}/dependencies/${to}`, { kind });
const remove = (from: string, to: string, kind: string) =>
  call("DELETE", `${pathOf(project, from)}/dependencies/${to}`, {}, { query: { kind } });
const links = async (node: string) => (await linksOf(node)).map(({ link }) => link).sort();
const id = (number: number) => `${prefix}-TSK-${String(number).padStart(3, "0")}`;

/** Records behind the API, numbered from 100 on. @returns their ids */
async function plantSome(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => id(index + 100));
  await plant(
    project,
    ids.map((item_id) => ({ item_id })),
  );
  return ids;
}

describe("depends_on and blocked_by", () => {
  it.each(["depends_on", "blocked_by"])(
    "in %s an id of a record is an edge, from its coming to its going",
    async (field) => {
      const [one, first, second] = (await makeSome(3)) as [string, string, string];
      const value = (...ids: string[]) => (field === "depends_on" ? ids : ids.join(", "));
      await set(project, one, field, value(first));
      expect(await links(one)).toEqual([`out#blocks#${first}`]);
      expect(await read(project, one)).toMatchObject({
        dependencies: [{ to: first, kind: "blocks" }],
        depends_on: [{ type: "task", ids: [first] }],
        blocked_by: first,
      });
      await set(project, one, field, value(first, second));
      expect((await read(project, one)).blocked_by).toBe(`${first}, ${second}`);
      await set(project, one, field, value(second));
      expect(await links(one)).toEqual([`out#blocks#${second}`]);
      expect([await links(first), await links(second)]).toEqual([[], [`in#blocks#${one}`]]);
      await set(project, one, field, value());
      expect(await read(project, one)).toMatchObject({ depends_on: [], blocked_by: "" });
      expect(await read(project, one)).not.toHaveProperty("dependencies");
      for (const node of [one, first, second]) expect(await links(node)).toEqual([]);
      expect(await chainOf(project, one)).toHaveLength(5);
      expect(await chainOf(project, first)).toHaveLength(1);
    },
  );

  it.each([null, ""])("go with %j too", async (nothing) => {
    const [one, other] = (await makeSome(2)) as [string, string];
    for (const field of ["depends_on", "blocked_by"]) {
      await put(one, other, "blocks");
      await set(project, one, field, nothing);
      expect([field, await links(one), await links(other)]).toEqual([field, [], []]);
    }
  });

  it("take ids in every form that they always took", async () => {
    const [one, first, second] = (await makeSome(3)) as [string, string, string];
    const forms = [
      [first.toLowerCase(), second],
      `${first}, ${second.toLowerCase()}`,
      JSON.stringify([first, second]),
      [{ type: "task", ids: [first, second] }],
    ];
    for (const form of forms) {
      await set(project, one, "depends_on", form);
      expect(await links(one)).toEqual([`out#blocks#${first}`, `out#blocks#${second}`]);
      await set(project, one, "depends_on", []);
    }
  });

  it("keep what is no record as it is, without effect", async () => {
    const one = await make();
    const before = await stored(project, one);
    const words = ["LATER", `${prefix}-TSK-404`, "QQQ-ISS-001", one];
    await set(project, one, "depends_on", words);
    await set(project, one, "blocked_by", `the lawyers; ${prefix}-TSK-404, ${one}`);
    expect(await read(project, one)).toMatchObject({
      depends_on: [{ type: "task", ids: [`${prefix}-TSK-404`, one] }, { type: "issue", ids: ["QQQ-ISS-001"] }, "LATER"],
      blocked_by: `the lawyers; ${prefix}-TSK-404, ${one}`,
    });
    expect(await links(one)).toEqual([]);
    const { ready_scope, ready_rank, dependencies } = await stored(project, one);
    expect({ ready_scope, ready_rank, dependencies }).toEqual({
      ready_scope: before.ready_scope,
      ready_rank: before.ready_rank,
      dependencies: undefined,
    });
  });

  it("keep the words of people beside the ids that come and go", async () => {
    const [one, first, second] = (await makeSome(3)) as [string, string, string];
    await set(project, one, "blocked_by", `waits for ${first} and the lawyers, ${second}`);
    expect(await links(one)).toEqual([`out#blocks#${first}`, `out#blocks#${second}`]);
    await remove(one, second, "blocks");
    expect((await read(project, one)).blocked_by).toBe(`waits for ${first} and the lawyers`);
    await put(one, second, "blocks");
    expect((await read(project, one)).blocked_by).toBe(`waits for ${first} and the lawyers, ${second}`);
    await set(project, one, "depends_on", [second]);
    expect(await links(one)).toEqual([`out#blocks#${second}`]);
    expect((await read(project, one)).blocked_by).toBe(`waits for ${first} and the lawyers, ${second}`);
  });

  it("leave other dependencies alone", async () => {
    const [one, first, second] = (await makeSome(3)) as [string, string, string];
    for (const kind of ["blocks", "related", "parent", "discovered_from"]) await put(one, first, kind);
    await set(project, one, "depends_on", [second]);
    expect((await read(project, one)).dependencies).toMatchObject([
      { to: first, kind: "related" },
      { to: first, kind: "parent" },
      { to: first, kind: "discovered_from" },
      { to: second, kind: "blocks" },
    ]);
  });

  it("say what a PUT and a DELETE do", async () => {
    const [one, task] = (await makeSome(2)) as [string, string];
    const feature = await make("feature");
    await put(one, task, "blocks");
    await put(one, feature, "blocks");
    expect(await read(project, one)).toMatchObject({
      depends_on: [
        { type: "task", ids: [task] },
        { type: "feature", ids: [feature] },
      ],
      blocked_by: `${task}, ${feature}`,
    });
    await remove(one, task, "blocks");
    expect(await read(project, one)).toMatchObject({
      depends_on: [{ type: "feature", ids: [feature] }],
      blocked_by: feature,
    });
  });
});

describe("more ids than a transaction takes", () => {
  it("become edges all the same, and go all the same", async () => {
    const ids = await plantSome(53);
    const one = await create(project, "issue");
    expect((await set(project, one, "depends_on", ids)).body.value).toEqual([{ type: "task", ids }]);
    expect(await links(one)).toEqual(ids.map((to) => `out#blocks#${to}`));
    await expectGraph(project);
    await set(project, one, "depends_on", [...ids.slice(40), id(152)]);
    expect(await links(one)).toEqual(ids.slice(40).map((to) => `out#blocks#${to}`));
    await expectGraph(project);
    await set(project, one, "blocked_by", null);
    expect(await links(one)).toEqual([]);
    for (const other of [ids[0], ids[52]]) expect(await links(String(other))).toEqual([]);
  });

  it("are related at both ends, and not any more at either", async () => {
    const ids = await plantSome(45);
    const one = await create(project, "issue");
    await set(project, one, "related_task_ids", ids);
    expect(await links(one)).toEqual(ids.map((to) => `out#related#${to}`));
    await expectGraph(project);
    await set(project, one, "related_task_ids", []);
    expect((await read(project, one)).related_task_ids).toEqual([]);
    expect((await stored(project, String(ids[44]))).related_issue_ids).toEqual([]);
    expect(await links(one)).toEqual([]);
  });

  it("are refused all or none for a cycle", async () => {
    const ids = await plantSome(30);
    const one = await make();
    await put(String(ids[29]), one, "blocks");
    const before = await snapshot(project, one);
    expect((await patch(project, one, { field: "depends_on", value: ids })).body.error_envelope.code).toBe(
      "DEPENDENCY_CYCLE",
    );
    expect(await snapshot(project, one)).toEqual(before);
  });

  it("say no more than the edges where the work is cut off, and the same again finishes it", async () => {
    const ids = await plantSome(30);
    const one = await create(project, "issue");
    await injectFault({ operation: "TransactWriteItems", nth: 2, error: "InternalServerError", times: 100 });
    const body = { field: "depends_on", value: ids };
    const headers = { "Idempotency-Key": "once" };
    expect((await patch(project, one, body, { headers })).status).toBe(500);
    expect(await links(one)).toHaveLength(20);
    await expectGraph(project);
    expect((await patch(project, one, body, { headers })).status).toBe(200);
    expect(await links(one)).toHaveLength(30);
  }, 60_000);
});

describe("parent", () => {
  it("is an edge, one at a time", async () => {
    const [one, first, second] = (await makeSome(3)) as [string, string, string];
    await set(project, one, "parent", first);
    await set(project, one, "parent", second.toLowerCase());
    expect((await read(project, one)).dependencies).toMatchObject([{ to: second, kind: "parent" }]);
    expect([await links(first), await links(second)]).toEqual([[], [`in#parent#${one}`]]);
    await set(project, one, "parent", "");
    expect((await read(project, one)).parent).toBe("");
    expect([await links(one), await links(second)]).toEqual([[], []]);
  });

  it("is about all parents of its own type, and about no others", async () => {
    const [one, first, second] = (await makeSome(3)) as [string, string, string];
    const feature = await make("feature");
    for (const parent of [feature, first, second]) await put(one, parent, "parent");
    expect((await read(project, one)).parent).toBe(second);
    await set(project, one, "parent", first);
    expect(await links(one)).toEqual([`out#parent#${feature}`, `out#parent#${first}`]);
    expect((await read(project, one)).parent).toBe(first);
    await put(one, second, "parent");
    await set(project, one, "parent", "");
    expect((await read(project, one)).parent).toBe("");
    expect(await links(one)).toEqual([`out#parent#${feature}`]);
  });

  it("that is not there is text, and leaves nothing behind", async () => {
    const one = await make();
    await set(project, one, "parent", `${prefix}-TSK-404`);
    expect(await read(project, one)).not.toHaveProperty("dependencies");
    await set(project, one, "parent", "");
    expect([await links(one), await links(`${prefix}-TSK-404`)]).toEqual([[], []]);
  });

  it("that came after its children counts once somebody says so again", async () => {
    const child = await make();
    await set(project, child, "parent", id(2));
    const [parent, blocker] = [await make(), await make()];
    expect(parent).toBe(id(2));
    await set(project, child, "parent", parent);
    await put(parent, blocker, "blocks");
    expect((await stored(project, child)).blocked_parents).toEqual([parent]);
  });
});

describe("relations", () => {
  it.each([
    ["task", "related_task_ids"],
    ["issue", "related_issue_ids"],
    ["feature", "related_feature_ids"],
  ] as const)("of the type %s are edges that show at both ends", async (type, field) => {
    const [one, first, second] = [await make(), await make(type), await make(type)];
    await set(project, one, field, [first, second]);
    expect(await links(one)).toEqual([`out#related#${first}`, `out#related#${second}`]);
    for (const end of [first, second]) expect((await read(project, end)).related_task_ids).toEqual([one]);
    expect((await chainOf(project, first)).at(-1)?.operation).toBe("relation");
    await set(project, first, "related_task_ids", []);
    expect((await read(project, one))[field]).toEqual([second]);
    expect(await links(one)).toEqual([`out#related#${second}`]);
    await set(project, one, field, "");
    for (const node of [one, first, second]) expect([node, await links(node)]).toEqual([node, []]);
    expect((await read(project, second)).related_task_ids).toEqual([]);
    await expectAllIntact(project);
  });

  it("that a record was created with go at both ends", async () => {
    const one = await make("issue");
    const other = (await call("POST", `/${project}/task`, { ...LEAST.task, related: [one] })).body.record_id;
    await set(project, one, "related_task_ids", []);
    expect((await read(project, other)).related_issue_ids).toEqual([]);
  });

  it("to records that are not there are text", async () => {
    const one = await make();
    await set(project, one, "related_issue_ids", [`${prefix}-ISS-404`, "QQQ-ISS-001"]);
    expect((await read(project, one)).related_issue_ids).toEqual([`${prefix}-ISS-404`, "QQQ-ISS-001"]);
    expect(await links(one)).toEqual([]);
  });
});

describe("ids of a project that the writer may not see", () => {
  it("are text, just as ids that lead nowhere", async () => {
    const { project_id: abroad } = await makeProject();
    const [one, foreign] = [await make(), await create(abroad, "task")];
    const { secret } = await issueKey({ projects: [project] });
    const as = { as: "stranger", headers: byKey(secret) } as const;
    for (const [field, value] of Object.entries({
      depends_on: [foreign],
      blocked_by: foreign,
      parent: foreign,
      related_task_ids: [foreign],
    })) {
      expect((await patch(project, one, { field, value }, as)).status).toBe(200);
      expect([field, await links(one), await links(foreign)]).toEqual([field, [], []]);
      expect(await patch(project, one, { field, value: "" }, as)).toMatchObject({ status: 200 });
    }
    expect((await stored(abroad, foreign)).row_version).toBe(1);
  });
});
