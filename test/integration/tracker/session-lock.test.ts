import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import {
  type CallOptions,
  call,
  create,
  patch,
  pathOf,
  read,
  set,
  type TrackerAnswer,
} from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, rowOf, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

const checkout = (id: string, body: object, options?: CallOptions) =>
  call("POST", `${pathOf(project, id)}/checkout`, body, options);
const release = (id: string, body: object = {}, options?: CallOptions) =>
  call("DELETE", `${pathOf(project, id)}/checkout`, body, options);

/** A task that somebody holds. */
async function held(by = "claude", lease_seconds?: number): Promise<string> {
  const id = await create(project, "task");
  const answer = await checkout(id, { provider: by, lease_seconds });
  expect(answer.status).toBe(200);
  return id;
}

/** A lease that is over, as if its time had passed. */
async function expire(id: string): Promise<void> {
  await putRow({ ...(await stored(project, id)), lease_expires_at: "2026-01-01T00:00:00Z" });
}

async function expectUnchanged(id: string, work: () => Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const before = await snapshot(project, id);
  const answer = await work();
  expect(await snapshot(project, id)).toEqual(before);
  return answer;
}

describe("a checkout", () => {
  it("grants a lease with a fence", async () => {
    const id = await create(project, "task");
    const startedAt = Date.now();
    const answer = await checkout(id, { write_source: { provider: "claude" }, dispatch_id: "DSP-1" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      record_id: id,
      checkout: true,
      active_agent_session_id: "claude",
      lease: { lease_id: expect.any(String), fence: 1, expires_at: expect.any(String) },
      updated_at: expect.any(String),
    });
    const { lease } = answer.body as unknown as { lease: { lease_id: string; expires_at: string } };
    expect(Math.abs(Date.parse(lease.expires_at) - startedAt - 14_400_000)).toBeLessThan(2_000);
    expect(await stored(project, id)).toMatchObject({
      active_agent_session: true,
      active_agent_session_id: "claude",
      active_agent_session_at: answer.body.updated_at,
      lease_id: lease.lease_id,
      lease_expires_at: lease.expires_at,
      fence: 1,
      leased_scope: `${project}#task`,
      last_update_note: "Agent session checkout by claude [provider=claude, dispatch=DSP-1]",
    });
    expect(await stored(project, id)).not.toHaveProperty("ready_scope");
    expect((await chainOf(project, id)).at(-1)).toMatchObject({ operation: "checkout", seq: 2 });
  });

  it.each(["task", "issue", "feature"] as const)("is for records of every type: %s", async (type) => {
    const id = await create(project, type);
    expect((await checkout(id, { provider: "claude" })).status).toBe(200);
    expect((await release(id, { provider: "claude" })).status).toBe(200);
  });

  it("lasts as long as asked for", async () => {
    const id = await create(project, "task");
    const answer = await checkout(id, { provider: "claude", lease_seconds: 60 });
    const { expires_at } = answer.body.lease as { expires_at: string };
    expect(Math.abs(Date.parse(expires_at) - Date.now() - 60_000)).toBeLessThan(2_000);
  });

  it("needs a name for its holder", async () => {
    const id = await create(project, "task");
    for (const body of [{}, { provider: " " }, { dispatch_id: "DSP-1" }, { write_source: { channel: "mcp_server" } }]) {
      const answer = await expectUnchanged(id, () => checkout(id, body));
      expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("write_source.provider")]);
    }
  });

  it("may be in the name of one session of a provider", async () => {
    const id = await create(project, "task");
    const answer = await checkout(id, { provider: "claude", session_id: "claude-7" });
    expect(answer.body.active_agent_session_id).toBe("claude-7");
    expect((await release(id, { session_id: "claude-7" })).status).toBe(200);
  });

  it.each(["codex", "claude"])("of what somebody holds is refused, also to the same name: %s", async (provider) => {
    const id = await held();
    const answer = await expectUnchanged(id, () => checkout(id, { provider }));
    expect(answer.status).toBe(409);
    const row = await stored(project, id);
    const holder = {
      session_id: "claude",
      since: row.active_agent_session_at,
      lease_expires_at: row.lease_expires_at,
      seconds_left: expect.any(Number),
      last_heartbeat_at: null,
    };
    expect(answer.body).toMatchObject({
      error: expect.stringContaining("already checked out by 'claude'"),
      reason: "SESSION_LOCKED",
      holder,
      next_action: expect.stringContaining("Wait"),
      error_envelope: { code: "CONFLICT", retryable: false, details: { reason: "SESSION_LOCKED", holder } },
    });
  });

  it("of what somebody's lease has run out on succeeds, with a higher fence", async () => {
    const id = await held();
    await expire(id);
    const answer = await checkout(id, { provider: "codex" });
    expect(answer).toMatchObject({ status: 200, body: { lease: { fence: 2 }, active_agent_session_id: "codex" } });
  });

  it("of an older row that somebody holds is refused until a default lease is over", async () => {
    const row = {
      record_type: "task",
      title: "x",
      status: "open",
      active_agent_session: true,
      active_agent_session_id: "claude",
    };
    const [recent, old] = ["OLD-TSK-020", "OLD-TSK-021"];
    const long = new Date(Date.now() - 5 * 3_600_000).toISOString();
    await putRow({
      project_id: project,
      record_id: `task#${recent}`,
      item_id: recent,
      ...row,
      updated_at: new Date().toISOString(),
    });
    await putRow({ project_id: project, record_id: `task#${old}`, item_id: old, ...row, updated_at: long });
    expect((await checkout(recent, { provider: "codex" })).status).toBe(409);
    expect(await checkout(old, { provider: "codex" })).toMatchObject({ status: 200, body: { lease: { fence: 1 } } });
  });

  it("on its own route is a checkout, whatever else the body says", async () => {
    const id = await create(project, "task");
    const answer = await checkout(id, { provider: "claude", action: "close", field: "status", value: "closed" });
    expect(answer.body.checkout).toBe(true);
    expect((await stored(project, id)).status).toBe("open");
  });

  it.each([[true], ["true"], ["1"], [1], ["YES"]])("is what setting active_agent_session to %j is", async (value) => {
    const id = await create(project, "task");
    const answer = await patch(project, id, { field: "active_agent_session", value, provider: "claude" });
    expect(answer).toMatchObject({
      status: 200,
      body: { checkout: true, lease: { fence: 1 }, field: "active_agent_session" },
    });
    const again = await patch(project, id, { field: "active_agent_session", value, provider: "codex" });
    expect([again.status, again.body.error]).toEqual([409, expect.stringContaining("already checked out by 'claude'")]);
  });
});

describe("a release", () => {
  it("frees the record; the fence stays", async () => {
    const id = await held();
    const answer = await release(id, { provider: "claude" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ success: true, record_id: id, checkout: false, updated_at: expect.any(String) });
    const row = await stored(project, id);
    expect(row).toMatchObject({
      active_agent_session: false,
      active_agent_session_id: "",
      fence: 1,
      last_update_note: "Agent session released [provider=claude]",
      ready_scope: `${project}#task`,
    });
    for (const field of ["lease_id", "lease_expires_at", "active_agent_session_at", "leased_scope"]) {
      expect(row).not.toHaveProperty(field);
    }
    expect((await checkout(id, { provider: "codex" })).body.lease).toMatchObject({ fence: 2 });
  });

  it("of a free record succeeds", async () => {
    const id = await create(project, "task");
    for (const body of [{}, { provider: "claude" }, { lease_id: "nonsense" }]) {
      expect((await release(id, body)).status).toBe(200);
    }
  });

  it("by lease id needs the id of this lease", async () => {
    const id = await held();
    const first = (await stored(project, id)).lease_id;
    await release(id, { provider: "claude" });
    await checkout(id, { provider: "claude" });
    const answer = await expectUnchanged(id, () => release(id, { provider: "claude", lease_id: first }));
    expect([answer.status, answer.body.error_envelope.code]).toEqual([409, "NOT_HOLDER"]);
    expect((await release(id, { lease_id: (await stored(project, id)).lease_id })).status).toBe(200);
    expect((await stored(project, id)).last_update_note).toBe("Agent session released");
  });

  it("by somebody else is refused, unless it is forced", async () => {
    const id = await held();
    const answer = await expectUnchanged(id, () => release(id, { provider: "codex" }));
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      error: expect.stringContaining("checked out by 'claude'"),
      holder: { session_id: "claude" },
      next_action: expect.any(String),
      error_envelope: { code: "NOT_HOLDER" },
    });
    const forced = await release(id, { provider: "codex", force: true, reason: " it hangs " });
    expect(forced.status).toBe(200);
    expect((await chainOf(project, id)).at(-1)).toMatchObject({
      operation: "release",
      reason: "it hangs",
      note: { description: "Agent session released by internal-key (forced) [provider=codex]" },
    });
  });

  it("by a caller that names nobody is accepted, and the history says who it was", async () => {
    const id = await held();
    expect((await release(id, {}, { as: "person" })).status).toBe(200);
    expect((await stored(project, id)).last_update_note).toMatch(/^Agent session released by [0-9a-f-]{36}$/);
  });

  it("of an older lock by a caller that names nobody says who it was, too", async () => {
    const item_id = "OLD-TSK-022";
    await putRow({
      project_id: project,
      record_id: `task#${item_id}`,
      record_type: "task",
      item_id,
      title: "x",
      status: "open",
      active_agent_session: true,
      active_agent_session_id: "claude",
      updated_at: new Date().toISOString(),
    });
    await release(item_id);
    expect((await stored(project, item_id)).last_update_note).toBe("Agent session released by internal-key");
  });

  it.each([[false], ["no"], ["0"], [""], [null]])("is what setting active_agent_session to %j is", async (value) => {
    const id = await held();
    const refused = await patch(project, id, { field: "active_agent_session", value, provider: "codex" });
    expect([refused.status, refused.body.error_envelope.code]).toEqual([409, "NOT_HOLDER"]);
    const answer = await patch(project, id, { field: "active_agent_session", value, provider: "claude" });
    expect(answer).toMatchObject({
      status: 200,
      body: { checkout: false, field: "active_agent_session", value: false },
    });
  });
});

describe("a write on a held record", () => {
  const writes: [what: string, write: (id: string, body: object, options?: CallOptions) => Promise<TrackerAnswer>][] = [
    ["a field", (id, body, options) => patch(project, id, { field: "priority", value: "P0", ...body }, options)],
    [
      "the status",
      (id, body, options) => patch(project, id, { field: "status", value: "in-progress", ...body }, options),
    ],
    [
      "a log",
      (id, body, options) => call("POST", `${pathOf(project, id)}/log`, { description: "x", ...body }, options),
    ],
    [
      "acceptance evidence",
      (id, body, options) =>
        call("POST", `${pathOf(project, id)}/acceptance-evidence`, { criterion_index: 0, ...body }, options),
    ],
  ];

  const heldOf = async (what: string) => {
    const id = await create(project, what === "acceptance evidence" ? "feature" : "task");
    await checkout(id, { provider: "claude" });
    return id;
  };

  it.each(writes)("is refused to anybody else who says who it is: %s", async (what, write) => {
    const id = await heldOf(what);
    for (const body of [{ provider: "codex" }, { dispatch_id: "DSP-1" }, { write_source: { provider: "codex" } }]) {
      const answer = await expectUnchanged(id, () => write(id, body));
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({
        error: expect.stringContaining("checked out by 'claude'"),
        reason: "SESSION_LOCKED",
        holder: { session_id: "claude" },
        error_envelope: { code: "CONFLICT", retryable: false },
      });
    }
  });

  it.each(writes)("is refused to an agent that does not say who it is: %s", async (what, write) => {
    const id = await heldOf(what);
    const answer = await expectUnchanged(id, () => write(id, { write_source: { channel: "mcp_server" } }));
    expect([answer.status, answer.body.error]).toEqual([409, expect.stringContaining("checked out by")]);
  });

  it.each(writes)("passes for the holder, for people and for services that name nobody: %s", async (what, write) => {
    const id = await heldOf(what);
    expect((await write(id, { provider: "claude" })).status).toBe(200);
    expect((await write(id, { dispatch_id: "claude", provider: "codex" })).status).toBe(200);
    expect((await write(id, {}, { as: "person" })).status).toBe(200);
    expect((await write(id, {})).status).toBe(200);
  });

  it.each(writes)("passes for anybody once the lease is over: %s", async (what, write) => {
    const id = await heldOf(what);
    await expire(id);
    expect((await write(id, { provider: "codex" })).status).toBe(200);
  });

  it("is refused for the lock before it is refused for what it wants", async () => {
    const task = await held();
    expect((await patch(project, task, { field: "status", value: "closed", provider: "codex" })).status).toBe(409);
    const evidence = { criterion_index: 99, provider: "codex" };
    expect((await call("POST", `${pathOf(project, task)}/acceptance-evidence`, evidence)).status).toBe(409);
  });
});

describe("a lease that really runs out", () => {
  it("is free to the next checkout at once, without anything that sweeps", async () => {
    const id = await held("claude", 60);
    const row = await stored(project, id);
    await putRow({ ...row, lease_expires_at: new Date(Date.now() + 1_500).toISOString().replace(/\.\d+/, "") });
    expect((await checkout(id, { provider: "codex" })).status).toBe(409);
    await wait(2_000);
    expect(await checkout(id, { provider: "codex" })).toMatchObject({ status: 200, body: { lease: { fence: 2 } } });
  });
});

it("every grant and release is one entry of a whole chain", async () => {
  const { project_id } = await makeProject();
  const id = await create(project_id, "task");
  for (let round = 0; round < 3; round += 1) {
    await set(project_id, id, "active_agent_session", true, { provider: "claude" });
    await set(project_id, id, "active_agent_session", false, { provider: "claude" });
  }
  await expectAllIntact(project_id);
  expect((await read(project_id, id)).fence).toBe(3);
  expect(await rowOf(project_id, `task#${id}`)).toMatchObject({ fence: 3 });
});
