import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, snapshot, stored } from "../../support/tracker-rows.ts";

let home: { project_id: string; prefix: string };
let abroad: { project_id: string; prefix: string };

beforeAll(async () => {
  home = await makeProject();
  abroad = await makeProject();
});

const relate = (related: unknown, type: keyof typeof LEAST = "task") =>
  call("POST", `/${home.project_id}/${type}`, { ...LEAST[type], related, provider: "claude" });

describe("a new record that relates to others", () => {
  it("names them by type, and they name it", async () => {
    const [task, issue, feature] = await Promise.all(
      (["task", "issue", "feature"] as const).map((type) => create(home.project_id, type)),
    );
    const answer = await relate(` ${issue?.toLowerCase()}, ${task},,${feature},${task} `);
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty("bidi_warnings");
    const id = answer.body.record_id;
    expect(await read(home.project_id, id)).toMatchObject({
      related_task_ids: [task],
      related_issue_ids: [issue],
      related_feature_ids: [feature],
    });
    for (const target of [task, issue, feature]) {
      expect((await read(home.project_id, String(target))).related_task_ids).toEqual([id]);
    }
  });

  it("changes the others as every write does, without a note in their history", async () => {
    const target = await create(home.project_id, "issue");
    const before = await stored(home.project_id, target);
    const { record_id } = (await relate([target])).body;
    const after = await stored(home.project_id, target);
    expect(after).toMatchObject({
      related_task_ids: [record_id],
      sync_version: 2,
      history_recent: before.history_recent,
      write_source: { provider: "claude", auth_mode: "internal-key" },
    });
    expect(after.write_source?.write_id).not.toBe(before.write_source?.write_id);
    expect(after.last_update_note).toBe(before.last_update_note);
    const entry = (await chainOf(home.project_id, target)).at(-1);
    expect(entry).toMatchObject({
      seq: 2,
      operation: "relation",
      changes: [{ field: "related_task_ids", from: null, to: [record_id] }],
    });
    expect(entry).not.toHaveProperty("note");
  });

  it("is named once, and added to what is there", async () => {
    const target = await create(home.project_id, "task");
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await relate([target, target])).body.record_id);
    expect((await read(home.project_id, target)).related_task_ids).toEqual(ids);
  });

  it("may relate to records of another project", async () => {
    const target = await create(abroad.project_id, "feature");
    const answer = await relate([target], "issue");
    expect(answer.body).not.toHaveProperty("bidi_warnings");
    expect((await read(abroad.project_id, target)).related_issue_ids).toEqual([answer.body.record_id]);
  });

  it("warns of ends that are not there, and names them", async () => {
    const there = await create(home.project_id, "task");
    const missing = `${home.prefix}-TSK-404`;
    const stranger = "QQQ-ISS-001";
    const { body } = await relate([missing, there, stranger, "not an id", "X-TSK-1-2"]);
    expect(body.bidi_warnings).toEqual([expect.stringContaining(missing), expect.stringContaining(stranger)]);
    expect(await read(home.project_id, body.record_id)).toMatchObject({
      related_task_ids: [missing, there, "X-TSK-1-2"],
      related_issue_ids: [stranger],
    });
    expect((await read(home.project_id, there)).related_task_ids).toEqual([body.record_id]);
  });

  it("drops words that are no ids", async () => {
    const { body } = await relate("later, ABC, ENC-EPC-1");
    const record = await read(home.project_id, body.record_id);
    for (const field of ["related_task_ids", "related_issue_ids", "related_feature_ids"]) {
      expect(record).not.toHaveProperty(field);
    }
    expect(body).not.toHaveProperty("bidi_warnings");
  });

  it("may relate to more than one transaction holds", async () => {
    const targets = await Promise.all(Array.from({ length: 60 }, () => create(home.project_id, "issue")));
    const { body } = await relate(targets);
    expect(body).not.toHaveProperty("bidi_warnings");
    for (const target of targets)
      expect((await stored(home.project_id, target)).related_task_ids).toEqual([body.record_id]);
  });

  it("leaves every history whole", async () => {
    await expectAllIntact(home.project_id);
    await expectAllIntact(abroad.project_id);
  });
});

describe("relations in a field update", () => {
  it.each<[field: string, value: unknown, stored: unknown]>([
    ["related_task_ids", '["x-tsk-1", "x-tsk-2"]', ["X-TSK-1", "X-TSK-2"]],
    ["related_issue_ids", "x-iss-1, x-iss-1", ["X-ISS-1"]],
    ["related_feature_ids", [..."x-ftr-1"], ["X-FTR-1"]],
    ["related_task_ids", null, []],
    ["related_task_ids", "", []],
    [
      "depends_on",
      ["x-iss-1", { type: "task", ids: "x-tsk-1" }, "later"],
      [{ type: "task", ids: ["X-TSK-1"] }, { type: "issue", ids: ["X-ISS-1"] }, "LATER"],
    ],
  ])("%s: %j is stored as %j", async (field, value, expected) => {
    const task = await create(home.project_id, "task");
    const answer = await set(home.project_id, task, field, value);
    expect(answer.body.value).toEqual(expected);
    expect((await stored(home.project_id, task))[field]).toEqual(expected);
  });

  it("that are none are refused, and nothing is written", async () => {
    const task = await create(home.project_id, "task");
    const before = await snapshot(home.project_id, task);
    for (const [field, value] of [
      ["related_task_ids", [5]],
      ["depends_on", [{ type: "epic", ids: [] }]],
      ["related_issue_ids", {}],
    ] as const) {
      const answer = await call("PATCH", `/${home.project_id}/task/${task}`, { field, value });
      expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(field)]);
    }
    expect(await snapshot(home.project_id, task)).toEqual(before);
  });
});
