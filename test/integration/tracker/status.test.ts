import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, create, patch, pathOf, read, set, walk } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

const SHA = "0123456789ABCDEF0123456789abcdef01234567";
let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

const move = (id: string, to: string, transition_evidence?: object) =>
  patch(project, id, { field: "status", value: to, ...(transition_evidence && { transition_evidence }) });

async function expectRefused(id: string, to: string, evidence: object | undefined, error: string) {
  const before = await snapshot(project, id);
  const answer = await move(id, to, evidence);
  expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(error)]);
  expect(await snapshot(project, id)).toEqual(before);
  return answer;
}

describe("a task", () => {
  it("goes its way, with evidence where a gate wants it", async () => {
    const id = await create(project, "task");
    const steps: [to: string, missing: string | undefined, evidence: object | undefined, told: string][] = [
      [" In-Progress", undefined, undefined, ""],
      ["coding-complete", undefined, undefined, ""],
      ["committed", undefined, undefined, ""],
      ["pushed", "transition_evidence.commit_sha", { commit_sha: ` ${SHA} ` }, " [evidence: commit: 0123456789ab]"],
      ["merged-main", "merge_evidence", { merge_evidence: " PR 12 " }, " [evidence: merge: PR 12]"],
      ["deployed", "deployment_ref", { deployment_ref: "v1.2.0" }, " [evidence: deploy: v1.2.0]"],
      ["closed", undefined, undefined, ""],
    ];
    for (const [to, missing, evidence, told] of steps) {
      if (missing) await expectRefused(id, to, undefined, missing);
      const answer = await move(id, to, evidence);
      const status = to.trim().toLowerCase();
      expect(answer).toMatchObject({ status: 200, body: { field: "status", value: status, updated_status: status } });
      expect((await read(project, id)).history.at(-1)?.description).toBe(`Field 'status' set to '${status}'${told}`);
    }
    expect(await stored(project, id)).toMatchObject({
      status: "closed",
      commit_sha: SHA.toLowerCase(),
      merge_evidence: "PR 12",
      deployment_ref: "v1.2.0",
      sync_version: 8,
    });
  });

  it("is refused a leap, and told where it may go and with what", async () => {
    const id = await create(project, "task");
    await walk(project, id, "committed");
    const answer = await expectRefused(id, "deployed", undefined, "Invalid status transition");
    expect(answer.body).toMatchObject({
      current_status: "committed",
      allowed_transitions: [
        { to: "pushed", requires: "commit" },
        { to: "coding-complete", requires: "revert-reason" },
      ],
      next_action: expect.any(String),
      error_envelope: { code: "INVALID_INPUT", retryable: false },
    });
  });

  it.each([
    ["short", "40-char hex"],
    [`${"0".repeat(39)}g`, "40-char hex"],
    ["", "transition_evidence.commit_sha"],
    ["  ", "transition_evidence.commit_sha"],
  ])("is not pushed with the commit %j", async (commit_sha, error) => {
    const id = await create(project, "task", { status: "committed" });
    await expectRefused(id, "pushed", { commit_sha }, error);
  });

  it("is pushed with a warning where nobody can look the commit up", async () => {
    const id = await create(project, "task", { status: "committed" });
    const answer = await move(id, "pushed", { commit_sha: SHA });
    expect(answer.body.warnings).toEqual([expect.stringContaining("validation skipped")]);
  });

  it("goes back with a reason only, which the history keeps", async () => {
    const id = await create(project, "task", { status: "coding-complete" });
    for (const evidence of [undefined, {}, { revert_reason: "  " }, { revert_reason: null }]) {
      await expectRefused(id, "in-progress", evidence, "revert_reason");
    }
    const reason = "wrong branch, ".repeat(10);
    expect((await move(id, "in-progress", { revert_reason: reason })).status).toBe(200);
    expect(await stored(project, id)).not.toHaveProperty("revert_reason");
    expect((await read(project, id)).history.at(-1)?.description).toBe(
      `Field 'status' set to 'in-progress' [evidence: revert: ${reason.slice(0, 80)}]`,
    );
    expect((await chainOf(project, id)).at(-1)).toMatchObject({ operation: "status", reason: reason.trim() });
  });

  it("goes back through a gate without what the gate wants", async () => {
    const id = await create(project, "task");
    await walk(project, id, "deployed");
    expect(await stored(project, id)).toMatchObject({ status: "deployed" });
    const reverted = await create(project, "task");
    await walk(project, reverted, "merged-main");
    expect((await move(reverted, "pushed", { revert_reason: "red" })).status).toBe(200);
  });

  it("may be set to what it is: the write happens, the evidence is kept, no gate asks", async () => {
    const id = await create(project, "task", { status: "committed" });
    const answer = await move(id, "committed", { commit_sha: "abc", deployment_ref: "" });
    expect(answer.status).toBe(200);
    expect(await stored(project, id)).toMatchObject({ status: "committed", commit_sha: "abc", sync_version: 2 });
    expect(await stored(project, id)).not.toHaveProperty("deployment_ref");
  });

  it("that is closed may only be opened again, with a reason, and the bus hears of it", async () => {
    const id = await create(project, "task");
    await patch(project, id, { action: "close" });
    await expectRefused(id, "in-progress", { revert_reason: "more to do" }, "Invalid status transition");
    await expectRefused(id, "open", undefined, "revert_reason");
    const calls = await callsDuring(async () => {
      expect((await move(id, "open", { revert_reason: "more to do" })).body.updated_status).toBe("open");
    });
    const events = calls.filter(({ service }) => service === "eventbridge");
    expect(events).toHaveLength(1);
    const [{ Entries }] = events.map(({ request }) => request) as [{ Entries: { Detail: string }[] }];
    expect(Entries).toEqual([
      {
        EventBusName: process.env.EVENT_BUS,
        Source: "enceladus.tracker",
        DetailType: "record.status.reopened",
        Detail: expect.any(String),
      },
    ]);
    expect(JSON.parse(String(Entries[0]?.Detail))).toEqual({
      project_id: project,
      record_type: "task",
      record_id: id,
      previous_status: "closed",
      new_status: "open",
      reopened_at: (await stored(project, id)).updated_at,
    });
  });
});

describe("a row of older spelling", () => {
  it.each([
    ["task", " In_Progress ", "coding-complete", 200],
    ["task", "Planned", "in-progress", 200],
    ["task", "nobody knows", "open", 200],
    ["task", "nobody knows", "in-progress", 200],
    ["task", "nobody knows", "closed", 400],
    ["issue", "", "open", 200],
  ])("of a %s in %j may move to %s: %d", async (type, status, to, expected) => {
    const item_id = `OLD-${type === "task" ? "TSK" : "ISS"}-${Math.random().toString(36).slice(2, 8).toUpperCase()}`;
    await putRow({
      project_id: project,
      record_id: `${type}#${item_id}`,
      record_type: type,
      item_id,
      title: "x",
      status,
    });
    const answer = await call("PATCH", `/${project}/${type}/${item_id}`, { field: "status", value: to });
    expect(answer.status).toBe(expected);
    expect((await stored(project, item_id)).status).toBe(expected === 200 ? to : status);
  });
});

describe("an issue", () => {
  it("closes with evidence only", async () => {
    const item_id = "OLD-ISS-001";
    await putRow({
      project_id: project,
      record_id: `issue#${item_id}`,
      record_type: "issue",
      item_id,
      title: "x",
      status: "open",
    });
    await expectRefused(item_id, "closed", undefined, "evidence is required");
    await set(project, item_id, "evidence", [{ description: "x", steps_to_duplicate: ["y"] }]);
    expect((await move(item_id, "closed")).status).toBe(200);
  });
});

describe("a feature", () => {
  const show = (id: string, index: number) =>
    call("POST", `${pathOf(project, id)}/acceptance-evidence`, {
      criterion_index: index,
      evidence: "run 1",
      evidence_acceptance: true,
    });

  it("completes when every criterion is accepted; the open ones are listed", async () => {
    const id = await create(project, "feature", { status: "in-progress" });
    await show(id, 1);
    const answer = await expectRefused(id, "completed", undefined, "not all acceptance criteria validated");
    expect(answer.body.error).toContain("[0] it works");
    expect(answer.body).toMatchObject({ open_criteria: [{ index: 0, description: "it works" }] });
    await show(id, 0);
    expect((await move(id, "completed")).status).toBe(200);
  });

  it("without a story or criteria is warned about, and does not complete", async () => {
    const item_id = "OLD-FTR-001";
    const row = { record_type: "feature", item_id, title: "x", status: "planned" };
    await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row });
    const answer = await move(item_id, "in-progress");
    expect(answer.status).toBe(200);
    expect(answer.body.warnings).toEqual([
      expect.stringContaining("user_story"),
      expect.stringContaining("acceptance_criteria"),
    ]);
    await expectRefused(item_id, "completed", undefined, "user_story");
    await set(project, item_id, "user_story", "As a user");
    await expectRefused(item_id, "completed", undefined, "acceptance_criteria");
  });

  it("goes back from production without the gate of completion", async () => {
    const item_id = "OLD-FTR-002";
    const row = { record_type: "feature", item_id, title: "x", status: "production" };
    await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row });
    expect((await move(item_id, "completed", { revert_reason: "rolled back" })).status).toBe(200);
  });
});

it("every move is one entry of a whole chain", async () => {
  const { project_id } = await makeProject();
  await walk(project_id, await create(project_id, "task"), "closed");
  await expectAllIntact(project_id);
});
