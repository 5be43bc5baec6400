import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { moveClock } from "../../support/clock.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { plant } from "../../support/planted-graph.ts";
import { makeProject } from "../../support/projects.ts";
import { type CallOptions, call, create, LEAST, patch, pathOf, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, linksOf, snapshot, stored } from "../../support/tracker-rows.ts";

let home: { project_id: string; prefix: string };
let abroad: { project_id: string; prefix: string };

beforeEach(async () => {
  [home, abroad] = await Promise.all([makeProject(), makeProject()]);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await expectGraph(home.project_id, abroad.project_id);
});

const make = (type: keyof typeof LEAST = "task") => create(home.project_id, type);
const makeTwo = () => Promise.all([make(), make()]);
const path = (from: string, to: string) => `${pathOf(home.project_id, from)}/dependencies/${to}`;
const put = (from: string, to: string, kind: unknown, more: object = {}, options?: CallOptions) =>
  call("PUT", path(from, to), { kind, ...more }, options);
const remove = (from: string, to: string, kind: string, more: object = {}, options?: CallOptions) =>
  call("DELETE", path(from, to), more, { query: { kind }, ...options });
const links = async (node: string) => (await linksOf(node)).map(({ link }) => link).sort();

describe("a dependency", () => {
  it.each(["blocks", "parent", "related", "discovered_from"])(
    "of kind %s is made, told and taken away",
    async (kind) => {
      const [one, other] = await makeTwo();
      const made = await put(one, other.toLowerCase(), kind);
      expect([made.status, made.body, made.headers.ETag]).toEqual([
        201,
        { success: true, dependency: { from: one, to: other, kind, created_at: expect.stringMatching(/^20.*Z$/) } },
        '"2"',
      ]);
      expect(await links(one)).toEqual([`out#${kind}#${other}`]);
      expect(await links(other)).toEqual([`in#${kind}#${one}`]);
      expect((await read(home.project_id, one)).dependencies).toEqual([
        { to: other, kind, created_at: (made.body.dependency as { created_at: string }).created_at },
      ]);
      await expectGraph(home.project_id);

      const gone = await remove(one, other, kind);
      expect([gone.status, gone.body]).toEqual([200, made.body]);
      expect([await links(one), await links(other)]).toEqual([[], []]);
      expect(await read(home.project_id, one)).not.toHaveProperty("dependencies");
    },
  );

  it("that is there already is the same one, whenever it is asked for again", async () => {
    const [one, other] = await makeTwo();
    const made = await put(one, other, "blocks");
    const before = await snapshot(home.project_id, one);
    moveClock(90_000);
    const again = await put(one, other, "blocks");
    expect([again.status, again.body, again.headers.ETag]).toEqual([200, made.body, '"2"']);
    expect(await snapshot(home.project_id, one)).toEqual(before);
  });

  it("is one of many between two records, each of which goes alone", async () => {
    const [one, other] = await makeTwo();
    for (const kind of ["blocks", "parent", "related"]) expect((await put(one, other, kind)).status).toBe(201);
    expect((await remove(one, other, "parent")).status).toBe(200);
    expect(await links(one)).toEqual([`out#blocks#${other}`, `out#related#${other}`]);
    expect((await remove(one, other, "discovered_from")).status).toBe(404);
    expect((await remove(one, other, "parent")).status).toBe(404);
    expect((await remove(other, one, "blocks")).status).toBe(404);
    expect(await links(one)).toHaveLength(2);
  });

  it("is told in the history of the record where it starts, and only there", async () => {
    const [one, other] = await makeTwo();
    const untouched = (await stored(home.project_id, other)).sync_version;
    await put(one, other, "blocks", { provider: "claude" });
    await remove(one, other, "blocks", { provider: "claude" });
    const [, made, gone] = await chainOf(home.project_id, one);
    expect(made).toMatchObject({
      operation: "dependency",
      note: { status: "worklog", description: `Dependency 'blocks' on ${other} added [provider=claude]` },
      changes: expect.arrayContaining([
        { field: "dependencies", from: null, to: [{ to: other, kind: "blocks", created_at: expect.any(String) }] },
        { field: "depends_on", from: null, to: [{ type: "task", ids: [other] }] },
        { field: "blocked_by", from: null, to: other },
      ]),
    });
    expect(gone?.note?.description).toBe(`Dependency 'blocks' on ${other} removed [provider=claude]`);
    expect((await read(home.project_id, one)).history.map(({ status }) => status)).toEqual([
      "created",
      "worklog",
      "worklog",
    ]);
    expect((await stored(home.project_id, other)).sync_version).toBe(untouched);
    expect(await chainOf(home.project_id, other)).toHaveLength(1);
    await expectAllIntact(home.project_id);
  });

  it("that ten callers make at once is made once", async () => {
    const [one, other] = await makeTwo();
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(one, other, "related")));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await chainOf(home.project_id, one)).toHaveLength(2);
    expect(await chainOf(home.project_id, other)).toHaveLength(2);
  });

  it("holds under ten different ones that are made and taken away at once", async () => {
    const one = await make();
    const others = await Promise.all(Array.from({ length: 5 }, () => make()));
    await put(one, String(others[0]), "blocks");
    const answers = await Promise.all([
      ...others.slice(1).map((other) => put(one, other, "blocks")),
      ...others.map((other) => put(other, one, "related")),
      remove(one, String(others[0]), "blocks"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([...Array(9).fill(201), 200]);
    await expectAllIntact(home.project_id);
  });
});

describe("a dependency is refused", () => {
  it("of a record on itself, with nothing written", async () => {
    const one = await make();
    const before = await snapshot(home.project_id, one);
    for (const kind of ["blocks", "parent", "related", "discovered_from"]) {
      expect(await put(one, one.toLowerCase(), kind)).toMatchObject({
        status: 400,
        body: { error_envelope: { code: "INVALID_INPUT", message: "A record cannot depend on itself." } },
      });
    }
    expect(await snapshot(home.project_id, one)).toEqual(before);
  });

  it("of a kind that there is not, or of none", async () => {
    const [one, other] = await makeTwo();
    for (const kind of ["likes", "", null, 7, ["blocks"], undefined]) {
      expect([kind, (await put(one, other, kind)).status]).toEqual([kind, 400]);
    }
    expect((await remove(one, other, "likes")).status).toBe(400);
    expect((await call("DELETE", path(one, other), {})).status).toBe(400);
  });

  it("on a record that is not there, or that is none", async () => {
    const one = await make();
    for (const other of [`${home.prefix}-TSK-404`, `${home.prefix}-EPC-001`, "QQQ-TSK-001", "nothing", "reference"]) {
      const answers = [await put(one, other, "blocks"), await remove(one, other, "blocks")];
      expect(answers.map(({ status, body }) => [other, status, body.error])).toEqual(
        Array(2).fill([other, 404, "Record not found."]),
      );
    }
    const missing = `${home.prefix}-TSK-404`;
    expect([(await put(missing, one, "blocks")).status, (await remove(missing, one, "blocks")).status]).toEqual([
      404, 404,
    ]);
    expect(await links(one)).toEqual([]);
  });

  it("on a record of a project that the key may not see, byte for byte as on one that does not exist", async () => {
    const one = await make();
    const foreign = await create(abroad.project_id, "task");
    const { secret } = await issueKey({ projects: [home.project_id] });
    const as: CallOptions = { as: "stranger", headers: byKey(secret) };
    for (const kind of ["blocks", "parent", "related"]) {
      const answers = [
        await put(one, foreign, kind, {}, as),
        await put(one, `${abroad.prefix}-TSK-404`, kind, {}, as),
        await put(one, "QQQ-TSK-001", kind, {}, as),
        await remove(one, foreign, kind, {}, as),
        await remove(one, "QQQ-TSK-001", kind, {}, as),
      ];
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(404);
    }
    expect([await links(one), await links(foreign)]).toEqual([[], []]);
    // The same answers where the dependency is there, made by somebody who sees both.
    expect((await put(one, foreign, "blocks")).status).toBe(201);
    expect((await put(one, foreign, "blocks", {}, as)).text).toBe(
      (await put(one, "QQQ-TSK-001", "blocks", {}, as)).text,
    );
    expect((await remove(one, foreign, "blocks", {}, as)).status).toBe(404);
    expect(await links(one)).toEqual([`out#blocks#${foreign}`]);
  });

  it("by somebody who does not hold the record, while somebody holds it", async () => {
    const [one, other] = await makeTwo();
    await put(one, other, "related");
    await call("POST", `${pathOf(home.project_id, one)}/checkout`, { provider: "ada" });
    const before = await snapshot(home.project_id, one);
    for (const work of [
      put(one, other, "blocks", { provider: "bob" }),
      remove(one, other, "related", { provider: "bob" }),
    ]) {
      expect(await work).toMatchObject({
        status: 409,
        body: { reason: "SESSION_LOCKED", holder: { session_id: "ada" } },
      });
    }
    expect(await snapshot(home.project_id, one)).toEqual(before);
    expect((await put(one, other, "blocks", { provider: "ada" })).status).toBe(201);
    expect((await remove(one, other, "blocks", { session_id: "ada" })).status).toBe(200);
    // Only the record where a dependency starts is held.
    expect((await put(other, one, "blocks", { provider: "bob" })).status).toBe(201);
  });

  it("beyond a hundred of a record, however they are asked for", async () => {
    const id = (number: number) => `${home.prefix}-TSK-${String(number).padStart(3, "0")}`;
    const ids = Array.from({ length: 102 }, (_, index) => id(index + 100));
    await plant(
      home.project_id,
      ids.map((item_id) => ({ item_id })),
    );
    const one = await create(home.project_id, "issue");
    const many = await patch(home.project_id, one, { field: "depends_on", value: ids.slice(0, 101) });
    expect([many.status, many.body.error]).toEqual([400, "A record has at most 100 dependencies."]);
    expect(await read(home.project_id, one)).not.toHaveProperty("dependencies");
    await set(home.project_id, one, "depends_on", ids.slice(0, 100));
    for (const kind of ["blocks", "related"]) {
      expect((await put(one, id(201), kind)).body.error).toBe("A record has at most 100 dependencies.");
    }
    expect((await put(one, id(100), "blocks")).status).toBe(200);
    expect((await remove(one, id(100), "blocks")).status).toBe(200);
    expect((await put(one, id(201), "discovered_from")).status).toBe(201);
    expect((await read(home.project_id, one)).dependencies).toHaveLength(100);
  });
});

describe("a parent", () => {
  it("may be of any type; the field names it where the types are equal", async () => {
    const types = ["task", "issue", "feature"] as const;
    for (const from of types) {
      for (const to of types) {
        const [child, parent] = await Promise.all([make(from), make(to)]);
        expect((await put(child, parent, "parent")).status).toBe(201);
        expect([from, to, (await read(home.project_id, child)).parent]).toEqual([
          from,
          to,
          from === to ? parent : undefined,
        ]);
      }
    }
  });

  it("is one of several; the field names the newest of its own type that is left", async () => {
    const [child, first, second] = [await make(), await make(), await make()];
    const feature = await make("feature");
    for (const parent of [first, feature, second]) await put(child, parent, "parent");
    expect((await read(home.project_id, child)).parent).toBe(second);
    await remove(child, second, "parent");
    expect((await read(home.project_id, child)).parent).toBe(first);
    await remove(child, first, "parent");
    expect((await read(home.project_id, child)).parent).toBe("");
    expect(await links(child)).toEqual([`out#parent#${feature}`]);
  });
});

describe("a relation", () => {
  it("shows at both ends, and goes from either", async () => {
    for (const taker of ["start", "end"]) {
      const [one, other] = [await make(), await make("feature")];
      moveClock(90_000);
      const made = await put(one, other, "related");
      expect((await read(home.project_id, one)).related_feature_ids).toEqual([other]);
      expect((await read(home.project_id, other)).related_task_ids).toEqual([one]);
      const seenFromTheEnd = await put(other, one, "related");
      const { created_at } = made.body.dependency as { created_at: string };
      expect([seenFromTheEnd.status, seenFromTheEnd.body.dependency]).toEqual([
        200,
        { from: other, to: one, kind: "related", created_at },
      ]);
      expect((await (taker === "start" ? remove(one, other, "related") : remove(other, one, "related"))).status).toBe(
        200,
      );
      expect((await read(home.project_id, one)).related_feature_ids).toEqual([]);
      expect((await read(home.project_id, other)).related_task_ids).toEqual([]);
      expect(await read(home.project_id, one)).not.toHaveProperty("dependencies");
      expect([await links(one), await links(other)]).toEqual([[], []]);
      expect((await remove(one, other, "related")).status).toBe(404);
    }
    await expectAllIntact(home.project_id);
  });

  it("that a record was created with is one too", async () => {
    const one = await make();
    const other = (await call("POST", `/${home.project_id}/task`, { ...LEAST.task, related: [one] })).body.record_id;
    expect((await put(one, other, "related")).status).toBe(200);
    expect((await remove(one, other, "related")).status).toBe(200);
    expect((await read(home.project_id, other)).related_task_ids).toEqual([]);
  });
});

describe("a dependency on a record of another project", () => {
  it("is as good as any, for somebody who sees both", async () => {
    const one = await make();
    const foreign = await create(abroad.project_id, "issue");
    const { secret } = await issueKey({ projects: [home.project_id, abroad.project_id] });
    const as: CallOptions = { as: "stranger", headers: byKey(secret) };
    expect((await put(one, foreign, "blocks", {}, as)).status).toBe(201);
    expect((await put(one, foreign, "related", {}, as)).status).toBe(201);
    expect((await read(abroad.project_id, foreign)).related_task_ids).toEqual([one]);
    await expectGraph(home.project_id, abroad.project_id);
    expect((await remove(one, foreign, "related", {}, as)).status).toBe(200);
  });
});
