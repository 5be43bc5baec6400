import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, patch, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

describe("a field", () => {
  it("is set, stamped and told", async () => {
    const id = await create(project, "task");
    const before = await stored(project, id);
    const answer = await patch(project, id, {
      field: " priority ",
      value: "P0",
      write_source: { provider: "claude" },
      dispatch_id: "DSP-1",
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      record_id: id,
      field: "priority",
      value: "P0",
      updated_at: expect.any(String),
    });
    const after = await stored(project, id);
    expect(after).toMatchObject({
      priority: "P0",
      sync_version: 2,
      updated_at: answer.body.updated_at,
      last_update_note: "Field 'priority' set to 'P0' [provider=claude, dispatch=DSP-1]",
      write_source: { provider: "claude", dispatch_id: "DSP-1", timestamp: answer.body.updated_at },
    });
    expect(after.write_source?.write_id).not.toBe(before.write_source?.write_id);
    expect((await read(project, id)).history.at(-1)).toEqual({
      timestamp: answer.body.updated_at,
      status: "worklog",
      description: after.last_update_note,
    });
    expect((await chainOf(project, id)).at(-1)).toMatchObject({
      seq: 2,
      operation: "update",
      actor: "internal-key",
      changes: [{ field: "priority", from: null, to: "P0" }],
    });
  });

  it("is written by a person as by a service, but not through another channel", async () => {
    const id = await create(project, "task");
    const body = { field: "priority", value: "P1", write_source: { channel: "mcp_server", provider: "claude" } };
    expect((await patch(project, id, body, { as: "person" })).status).toBe(200);
    const { write_source } = await stored(project, id);
    expect(write_source).toMatchObject({ channel: "mutation_api", provider: "claude", auth_mode: "cognito" });
    await set(project, id, "priority", "P2", { write_source: { channel: "nobody_knows" } });
    expect((await stored(project, id)).write_source).toMatchObject({
      channel: "nobody_knows",
      principal: "internal-key",
    });
  });

  it.each<[field: string, value: unknown, stored: unknown]>([
    ["anything", { a: [1, null, "x"] }, { a: [1, null, "x"] }],
    ["anything", null, null],
    ["anything", "", ""],
    ["description", null, null],
    ["constructor", "x", "x"],
    ["title", "  Another ", "Another"],
    ["parent", " x-tsk-9 ", "X-TSK-9"],
    ["acceptance_criteria", " one ", ["one"]],
    ["labels", ["b", " a "], ["b", "a"]],
    ["checklist", ["DONE a", "b"], ["DONE a", "b"]],
  ])("%s: %j is stored and answered as %j", async (field, value, expected) => {
    const id = await create(project, "task");
    const answer = await set(project, id, field, value);
    expect(answer.body.value).toEqual(expected);
    expect((await stored(project, id))[field]).toEqual(expected);
    expect((await read(project, id))[field]).toEqual(expected);
  });

  it("that is emptied again leaves no trace but in the history", async () => {
    const id = await create(project, "task");
    await set(project, id, "parent", "X-TSK-9");
    expect((await set(project, id, "parent", "")).body.value).toBe("");
    expect((await stored(project, id)).parent).toBe("");
  });

  it("of an unusual category warns", async () => {
    const id = await create(project, "task");
    expect((await set(project, id, "category", "bug")).body.warnings).toEqual([expect.stringContaining("bug")]);
    expect((await set(project, id, "category", "validation")).body).not.toHaveProperty("warnings");
  });

  it("is told in a hundred characters at most", async () => {
    const id = await create(project, "task");
    await set(project, id, "anything", ["y".repeat(200)]);
    expect((await stored(project, id)).last_update_note).toBe(`Field 'anything' set to '["${"y".repeat(98)}...'`);
  });
});

describe("a refused field update writes nothing", () => {
  it.each<[what: string, body: object, status: number, error: string]>([
    ["no field", { value: "x" }, 400, "Field 'field' is required"],
    ["a field that is no text", { field: ["title"], value: "x" }, 400, "Field 'field' is required"],
    ["an illegal name", { field: "a.b", value: "x" }, 400, "field"],
    ["what a record is", { field: "record_type", value: "issue" }, 400, "system-managed"],
    ["who holds it", { field: "active_agent_session_id", value: "me" }, 400, "system-managed"],
    ["its fence", { field: "fence", value: 0 }, 400, "system-managed"],
    ["the head of its chain", { field: "history_hash", value: "0" }, 400, "system-managed"],
    ["its history", { field: "history", value: [] }, 400, "system-managed"],
    ["evidence of a gate", { field: "commit_sha", value: "0".repeat(40) }, 400, "system-managed"],
    ["a blank title", { field: "title", value: " " }, 400, "title"],
    ["a parent of another type", { field: "parent", value: "X-ISS-1" }, 400, "Parent must be the same record type"],
    ["a primary task of a task", { field: "primary_task", value: "X-TSK-1" }, 400, "primary_task is only valid"],
    ["no criteria", { field: "acceptance_criteria", value: [] }, 400, "acceptance_criteria"],
    ["too long a text", { field: "description", value: "x".repeat(50_001) }, 400, "description"],
    ["what cannot be stored", { field: "anything", value: 1e300 }, 400, "anything"],
    ["a switch that is none", { field: "active_agent_session", value: "perhaps" }, 400, "active_agent_session"],
    ["a status that is no text", { field: "status", value: ["open"] }, 400, "status"],
    ["an unknown status", { field: "status", value: "done" }, 400, "Invalid status transition"],
    ["a version that is past", { field: "priority", value: "P0", expected_version: 0 }, 409, "modified concurrently"],
    ["an unknown action", { action: "dance" }, 400, "action"],
  ])("%s", async (_what, body, status, error) => {
    const id = await create(project, "task");
    const before = await snapshot(project, id);
    const answer = await patch(project, id, body);
    expect([answer.status, answer.body.error]).toEqual([status, expect.stringContaining(error)]);
    expect(answer.body.error_envelope.message).toBe(answer.body.error);
    expect(await snapshot(project, id)).toEqual(before);
  });
});

describe("expected_version", () => {
  it("lets a write pass on that version only, and tells the current one", async () => {
    const id = await create(project, "task");
    expect((await patch(project, id, { field: "priority", value: "P0", expected_version: 1 })).status).toBe(200);
    const late = await patch(project, id, { field: "priority", value: "P1", expected_version: 1 });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({
      error: expect.stringContaining("modified concurrently"),
      reason: "VERSION_CONFLICT",
      current_version: 2,
      current_status: "open",
      next_action: expect.any(String),
      error_envelope: { code: "VERSION_CONFLICT", retryable: true, details: { current_version: 2 } },
    });
    expect((await stored(project, id)).priority).toBe("P0");
  });

  it("holds for what a person does in the user interface too", async () => {
    const id = await create(project, "task");
    const before = await snapshot(project, id);
    for (const body of [{ action: "close" }, { action: "note", note: "x" }]) {
      const late = await patch(project, id, { ...body, expected_version: 7 });
      expect([late.status, late.body.error_envelope.code]).toEqual([409, "VERSION_CONFLICT"]);
    }
    expect(await snapshot(project, id)).toEqual(before);
    expect((await patch(project, id, { action: "close", expected_version: 1 })).status).toBe(200);
  });

  it("of a row without a version is 0", async () => {
    const item_id = "OLD-TSK-010";
    await putRow({
      project_id: project,
      record_id: `task#${item_id}`,
      record_type: "task",
      item_id,
      title: "x",
      status: "open",
    });
    expect((await patch(project, item_id, { field: "priority", value: "P0", expected_version: 1 })).status).toBe(409);
    expect((await patch(project, item_id, { field: "priority", value: "P0", expected_version: 0 })).status).toBe(200);
    expect((await stored(project, item_id)).sync_version).toBe(1);
  });
});

describe("the criteria of a feature", () => {
  it("keep what was shown for them, and cannot be accepted on the way", async () => {
    const id = await create(project, "feature");
    const path = `/${project}/feature/${id}/acceptance-evidence`;
    await call("POST", path, { criterion_index: 0, evidence: "run 1", evidence_acceptance: true });
    const forged = { description: "it is new", evidence: "trust me", evidence_acceptance: true };
    const { body } = await set(project, id, "acceptance_criteria", [forged, "it works"]);
    const criteria = [
      { description: "it is new", evidence: "", evidence_acceptance: false },
      { description: "it works", evidence: "run 1", evidence_acceptance: true },
    ];
    expect(body.value).toEqual(criteria);
    expect((await stored(project, id)).acceptance_criteria).toEqual(criteria);
  });
});

describe("the evidence of an issue", () => {
  it("is checked as at its creation", async () => {
    const id = await create(project, "issue");
    const answer = await patch(project, id, { field: "evidence", value: [{ description: "x" }] });
    expect([answer.status, answer.body.error]).toEqual([
      400,
      expect.stringContaining("evidence[0].steps_to_duplicate"),
    ]);
    const evidence = [{ description: "x", steps_to_duplicate: ["y"], observed_by: "ada" }];
    await set(project, id, "evidence", evidence);
    expect((await stored(project, id)).evidence).toEqual(evidence);
    expect(LEAST.issue.evidence).not.toEqual(evidence);
  });
});

it("every change is one entry of a whole chain", async () => {
  const rows = await expectAllIntact((await makeProjectWithChanges()).project_id);
  expect(rows.map(({ sync_version }) => sync_version)).toEqual([6]);
});

async function makeProjectWithChanges() {
  const made = await makeProject();
  const id = await create(made.project_id, "issue");
  for (const [field, value] of [
    ["a", 1.25],
    ["a", null],
    ["b", { c: "é😀" }],
    ["status", "in-progress"],
    ["a", ""],
  ] as const) {
    await set(made.project_id, id, field, value);
  }
  return made;
}
