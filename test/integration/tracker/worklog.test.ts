import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { clearFaults, injectFault } from "../../support/services.ts";
import { type CallOptions, call, create, pathOf, read } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
let task: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  task = await create(project, "task");
});

const log = (id: string, body: object, options?: CallOptions) =>
  call("POST", `${pathOf(project, id)}/log`, body, options);

describe("a log", () => {
  it("is added to the history as it is, without a word about its writer", async () => {
    const before = await read(project, task);
    const answer = await log(task, { description: "  Half of it\nis done ", provider: "claude", dispatch_id: "DSP-1" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ success: true, record_id: task, updated_at: expect.any(String) });
    const after = await read(project, task);
    expect(after).toMatchObject({
      sync_version: Number(before.sync_version) + 1,
      updated_at: answer.body.updated_at,
      last_update_note: "Half of it\nis done",
      write_source: { provider: "claude", dispatch_id: "DSP-1", auth_mode: "internal-key" },
    });
    expect(after.history).toEqual([
      ...before.history,
      { timestamp: answer.body.updated_at, status: "worklog", description: "Half of it\nis done" },
    ]);
    expect((await chainOf(project, task)).at(-1)).toMatchObject({ operation: "log", changes: [] });
  });

  it("by a person is in the person's name", async () => {
    await log(task, { description: "x" }, { as: "person" });
    const row = await stored(project, task);
    expect(row.write_source).toMatchObject({
      auth_mode: "cognito",
      principal: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await chainOf(project, task)).at(-1)?.actor).toBe(row.write_source?.principal);
  });

  it.each([[undefined], [null], [""], [" \n "], ["x".repeat(10_001)]])("is not %j", async (description) => {
    const before = await snapshot(project, task);
    const answer = await log(task, { description });
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("description")]);
    expect(await snapshot(project, task)).toEqual(before);
  });

  it("with an Idempotency-Key is added once, also where the first answer got lost", async () => {
    const id = await create(project, "task");
    for (const lost of [false, true]) {
      const headers = { "Idempotency-Key": `log ${lost}` };
      const body = { description: `log ${lost}` };
      if (lost) {
        await injectFault({ service: "dynamodb", operation: "TransactWriteItems", dropAnswer: true, times: 10 });
        expect((await log(id, body, { headers })).status).toBe(500);
        await clearFaults();
      }
      const first = await log(id, body, { headers });
      const again = await log(id, body, { headers });
      expect([first.status, again.text]).toEqual([200, first.text]);
      expect(again.headers["Idempotency-Replayed"]).toBe("true");
    }
    const record = await read(project, id);
    expect(record.history.map(({ description }) => description).slice(1)).toEqual(["log false", "log true"]);
    expect(record.sync_version).toBe(3);
  });
});

it("every log is one entry of a whole chain", async () => {
  await expectAllIntact(project);
});
