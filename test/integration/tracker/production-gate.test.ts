import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { create, patch, set, walk } from "../../support/tracker-api.ts";
import { expectAllIntact, putLink, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;
let abroad: string;

beforeAll(async () => {
  ({ project_id: project, prefix } = await makeProject());
  abroad = (await makeProject()).project_id;
});

/** A completed feature; its way there is told elsewhere. */
async function completed(fields: object): Promise<string> {
  const item_id = `${prefix}-FTR-${Math.random().toString(36).slice(2, 8).toUpperCase()}`;
  const row = {
    record_type: "feature",
    item_id,
    title: "x",
    status: "completed",
    user_story: "As",
    acceptance_criteria: ["x"],
  };
  await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row, ...fields });
  return item_id;
}

const ship = (id: string) => patch(project, id, { field: "status", value: "production" });
const close = (id: string, of = project) => patch(of, id, { action: "close" });

async function expectRefused(id: string, lines: string[]) {
  const before = await snapshot(project, id);
  const answer = await ship(id);
  expect(answer.status).toBe(400);
  expect(answer.body.error.split("\n").slice(1)).toEqual(lines);
  expect(answer.body.error).toContain(String(lines.length));
  expect(answer.body.not_ready).toEqual(
    lines.map((line) => ({ id: line.split(" ")[0], status: line.slice(line.indexOf("(") + 1, -1) })),
  );
  expect(await snapshot(project, id)).toEqual(before);
}

describe("a feature goes to production", () => {
  it("with child tasks only", async () => {
    const id = await completed({ related_task_ids: [], primary_task: "" });
    const answer = await ship(id);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("no child tasks")]);
  });

  it("when its primary task and its related tasks are deployed or closed", async () => {
    const [primary = "", related = ""] = await Promise.all([create(project, "task"), create(project, "task")]);
    const id = await completed({ primary_task: ` ${primary.toLowerCase()} `, related_task_ids: [related, primary] });
    await expectRefused(id, [`${primary} (open)`, `${related} (open)`].sort());
    await close(primary);
    await expectRefused(id, [`${related} (open)`]);
    await walk(project, related, "deployed");
    const answer = await ship(id);
    expect(answer).toMatchObject({ status: 200, body: { updated_status: "production" } });
    expect(await stored(project, id)).toMatchObject({ status: "production" });
  });

  it("when the children of its tasks are too, and theirs", async () => {
    const [root = "", child = "", grandchild = "", stranger = ""] = await Promise.all(
      Array.from({ length: 4 }, () => create(project, "task")),
    );
    await set(project, child, "parent", root);
    await set(project, grandchild, "parent", child);
    await set(project, stranger, "parent", "X-TSK-1");
    await close(root);
    const id = await completed({ primary_task: root });
    await expectRefused(id, [`${child} (open)`, `${grandchild} (open)`].sort());
    await close(child);
    await set(project, grandchild, "parent", "");
    expect((await ship(id)).status).toBe(200);
  });

  it("in spite of tasks that are each other's parents", async () => {
    const [one = "", two = ""] = await Promise.all([create(project, "task"), create(project, "task")]);
    await set(project, one, "parent", two);
    // No request makes such a cycle any more; rows that were written before may have one.
    await putLink({ node: one, link: `in#parent#${two}`, from: two, to: one, kind: "parent" });
    const id = await completed({ related_task_ids: [one] });
    await expectRefused(id, [`${one} (open)`, `${two} (open)`].sort());
    await Promise.all([close(one), close(two)]);
    expect((await ship(id)).status).toBe(200);
  });

  it("not while a task of it is nowhere to be found", async () => {
    const task = await create(project, "task");
    await close(task);
    const id = await completed({ related_task_ids: [task, `${prefix}-TSK-999999`, "QQQ-TSK-001", "nonsense"] });
    await expectRefused(
      id,
      ["NONSENSE (not_found)", "QQQ-TSK-001 (not_found)", `${prefix}-TSK-999999 (not_found)`].sort(),
    );
  });

  it("when tasks of other projects are ready", async () => {
    const task = await create(abroad, "task");
    const id = await completed({ related_task_ids: [task] });
    await expectRefused(id, [`${task} (open)`]);
    await close(task, abroad);
    expect((await ship(id)).status).toBe(200);
  });

  it("with more tasks than a transaction can watch", async () => {
    const tasks = await Promise.all(Array.from({ length: 120 }, () => create(project, "task")));
    const id = await completed({ related_task_ids: tasks });
    const answer = await ship(id);
    expect(answer.body.error.split("\n")).toHaveLength(21);
    expect(answer.body.error).toContain("120");
    expect(answer.body.not_ready).toHaveLength(120);
    for (let start = 0; start < tasks.length; start += 30) {
      await Promise.all(tasks.slice(start, start + 30).map((task) => close(task)));
    }
    expect((await ship(id)).status).toBe(200);
    const watched = await completed({ related_task_ids: tasks.slice(0, 98) });
    const calls = await callsDuring(async () => expect((await ship(watched)).status).toBe(200));
    const write = calls.find(({ operation }) => operation === "TransactWriteItems")?.request as {
      TransactItems: object[];
    };
    expect(write.TransactItems).toHaveLength(100);
  });

  it("only if its tasks are still ready when it is written", async () => {
    const task = await create(project, "task");
    for (let round = 0; round < 5; round += 1) {
      await close(task);
      const id = await completed({ related_task_ids: [task] });
      const [shipped] = await Promise.all([ship(id), patch(project, task, { action: "reopen" })]);
      const at = (await stored(project, id)).status;
      expect([shipped.status, at]).toEqual(shipped.status === 200 ? [200, "production"] : [400, "completed"]);
    }
  });

  it("without a look at gates on the way back", async () => {
    const id = await completed({ status: "deprecated" });
    const body = { field: "status", value: "production", transition_evidence: { revert_reason: "still in use" } };
    expect((await patch(project, id, body)).status).toBe(200);
  });
});

it("leaves every chain of its tasks whole", async () => {
  await expectAllIntact(abroad);
});
