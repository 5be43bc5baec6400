import { beforeAll, describe, expect, it } from "@jest/globals";
import { forgetProjects } from "../../../domain/projects/index.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { anyPrefix, makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, create, LEAST, patch, pathOf, set, walk } from "../../support/tracker-api.ts";
import { linksOf, putRow, rowsOf, stored } from "../../support/tracker-rows.ts";

type Place = Awaited<ReturnType<typeof makeProject>>;

let home: Place;
let abroad: Place;
let foreign: Place;
/** An id in a project that the key may not see, one that no record there has, and one of no project at all. */
let theirs: string;
let theirMissing: string;
let nobodys: string;
let limited: { as: "stranger"; headers: Record<string, string> };

beforeAll(async () => {
  [home, abroad, foreign] = [await makeProject(), await makeProject(), await makeProject()];
  theirs = await create(foreign.project_id, "task");
  theirMissing = `${foreign.prefix}-TSK-404`;
  nobodys = `${anyPrefix()}-TSK-001`;
  const { secret } = await issueKey({ projects: [home.project_id, abroad.project_id] });
  limited = { as: "stranger", headers: byKey(secret) };
});

/** What stands in the foreign project, and at its records' end of links. */
async function foreignState() {
  const rows = await rowsOf(foreign.project_id);
  return { rows, links: await Promise.all(rows.map(({ item_id }) => linksOf(item_id))) };
}

/** Does the same with each of the ids and expects the same answer, whatever is behind them, and nothing written there. */
async function expectAlike(work: (id: string) => Promise<{ status: number; text: string }>): Promise<string> {
  const before = await foreignState();
  const seen = async (id: string) => {
    const { status, text } = await work(id);
    // Ids and times are those of the record itself.
    const own = text.replaceAll(id, "OTHER").replaceAll(new RegExp(`${home.prefix}-[A-Z]+-\\w+`, "g"), "OWN");
    return `${status} ${own.replaceAll(/"\d{4}-[^"]+Z"/g, "TIME")}`;
  };
  const [onNobodys = "", ...others] = [await seen(nobodys), await seen(theirs), await seen(theirMissing)];
  expect(others).toEqual([onNobodys, onNobodys]);
  expect(await foreignState()).toEqual(before);
  return onNobodys;
}

describe("a relation to a record of a project that the key may not see", () => {
  const relate = (id: string) =>
    call("POST", `/${home.project_id}/task`, { ...LEAST.task, related: [id], provider: "claude" }, limited);

  it("is one to an id of no project: told as that, and written at its own end only", async () => {
    const answer = await expectAlike(relate);
    expect(answer).toMatch(/^201 .*OTHER: no project has this prefix; no inverse relation\./);
    expect(await stored(home.project_id, (await relate(theirs)).body.record_id)).toMatchObject({
      related_task_ids: [theirs],
    });
  });

  it("costs the same look-ups as one to an id of no project, also in a fresh container", async () => {
    const operations = async (id: string) => (await callsDuring(() => relate(id))).map(({ operation }) => operation);
    for (const prepare of [forgetProjects, () => undefined]) {
      prepare();
      const onForeign = await operations(theirs);
      prepare();
      expect(onForeign).toEqual(await operations(nobodys));
      expect(onForeign).not.toContain("Query");
    }
  });

  it("stands in the way of no other: those that the key may see are told at both ends", async () => {
    const [near, far] = [await create(home.project_id, "issue"), await create(abroad.project_id, "feature")];
    const body = { ...LEAST.task, related: [near, theirs, far] };
    const answer = await call("POST", `/${home.project_id}/task`, body, limited);
    expect(answer.body.bidi_warnings).toEqual([expect.stringContaining(theirs)]);
    const { record_id } = answer.body;
    expect((await stored(home.project_id, near)).related_task_ids).toEqual([record_id]);
    expect((await stored(abroad.project_id, far)).related_task_ids).toEqual([record_id]);
  });

  it("is one for a person, and for a key of all projects", async () => {
    const { secret } = await issueKey();
    for (const options of [{ as: "person" }, { as: "stranger", headers: byKey(secret) }] as const) {
      const { body } = await call("POST", `/${home.project_id}/task`, { ...LEAST.task, related: [theirs] }, options);
      expect(body).not.toHaveProperty("bidi_warnings");
      expect((await stored(foreign.project_id, theirs)).related_task_ids).toContain(body.record_id);
    }
  });
});

describe("a field that names a record of a project that the key may not see", () => {
  it.each(["parent", "related_task_ids", "depends_on", "blocked_by"])("keeps the text alone: %s", async (field) => {
    const task = await create(home.project_id, "task");
    const answer = await expectAlike((id) => patch(home.project_id, task, { field, value: id }, limited));
    expect(answer).toMatch(/^200 /);
  });

  it("makes it no parent there, as it would one that the key may see", async () => {
    const task = await create(home.project_id, "task");
    const parent = await create(abroad.project_id, "task");
    await patch(home.project_id, task, { field: "parent", value: theirs }, limited);
    expect(await linksOf(task)).toEqual([]);
    await patch(home.project_id, task, { field: "parent", value: parent }, limited);
    expect(await linksOf(parent)).toEqual([expect.objectContaining({ link: `in#parent#${task}` })]);
    await patch(home.project_id, task, { field: "parent", value: theirs }, limited);
    expect(await linksOf(parent)).toEqual([]);
  });
});

describe("the production gate", () => {
  /** A feature that is completed and names these tasks. */
  async function completed(primary_task: string): Promise<string> {
    const item_id = `${home.prefix}-FTR-${Math.random().toString(36).slice(2, 8).toUpperCase()}`;
    const row = { record_type: "feature", item_id, title: "x", status: "completed", primary_task };
    await putRow({ project_id: home.project_id, record_id: `feature#${item_id}`, ...row });
    return item_id;
  }

  const ship = (id: string, options = limited) =>
    patch(home.project_id, id, { field: "status", value: "production" }, options);

  it("does not find a task that the key may not see, whatever its status is, nor what is below it", async () => {
    const child = await create(foreign.project_id, "task");
    await set(foreign.project_id, child, "parent", theirs);
    const answer = await expectAlike(async (id) => ship(await completed(id)));
    expect(answer).toContain("OTHER (not_found)");
    expect(answer).not.toContain(child);
    await walk(foreign.project_id, theirs, "deployed");
    expect(await expectAlike(async (id) => ship(await completed(id)))).toEqual(answer);
  });

  it("sees no tasks below its own that are in such a project; for people they are there", async () => {
    const root = await create(home.project_id, "task");
    const child = await create(foreign.project_id, "task");
    await set(foreign.project_id, child, "parent", root);
    await walk(home.project_id, root, "deployed");
    const id = await completed(root);
    const ofPerson = await patch(home.project_id, id, { field: "status", value: "production" }, { as: "person" });
    expect([ofPerson.status, ofPerson.body.not_ready]).toEqual([400, [{ id: child, status: "open" }]]);
    expect((await ship(id)).status).toBe(200);
  });

  it("counts tasks of every project that the key may see", async () => {
    const [root, child] = [await create(abroad.project_id, "task"), await create(home.project_id, "task")];
    await set(home.project_id, child, "parent", root);
    await walk(abroad.project_id, root, "deployed");
    const id = await completed(root);
    expect((await ship(id)).body.not_ready).toEqual([{ id: child, status: "open" }]);
    await walk(home.project_id, child, "deployed");
    expect((await ship(id)).status).toBe(200);
  });

  it("of a project that the key may not see is not held up by what the key calls a child of its tasks", async () => {
    const { prefix, project_id } = foreign;
    const [task, target] = [await create(home.project_id, "task"), await create(project_id, "task")];
    await patch(home.project_id, task, { field: "parent", value: target }, limited);
    const item_id = `${prefix}-FTR-900`;
    const row = { record_type: "feature", item_id, title: "x", status: "completed", primary_task: target };
    await putRow({ project_id, record_id: `feature#${item_id}`, ...row });
    await patch(project_id, target, { action: "close" });
    const { status, text } = await patch(project_id, item_id, { field: "status", value: "production" });
    expect([status, text]).toEqual([200, text]);
    expect(text).not.toContain(task);
  });
});

it("an import waits for a name that is an id of such a project just as for any other", async () => {
  const bring = (id: string) => {
    const dependencies = [{ external_id: id, kind: "related" }];
    const record = { external_id: `of ${id}`, type: "task", title: "x", status: "open", parent: id, dependencies };
    return call("POST", `/${home.project_id}/imports`, { records: [record] }, limited);
  };
  expect(await expectAlike(bring)).toMatch(/^200 .*"created"/);
  expect((await call("GET", pathOf(home.project_id, theirs), undefined, limited)).status).toBe(404);
});
