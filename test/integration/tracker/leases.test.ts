import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { withReadiness } from "../../../domain/tracker/readiness.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { moveClock } from "../../support/clock.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { type CallOptions, call, create, patch, pathOf, read, type TrackerAnswer } from "../../support/tracker-api.ts";
import type { GrantedLease } from "../../support/tracker-changes.ts";
import { chainOf, expectIntact, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
/** The ways to come as an agent: with a key that may write, and with one that may do everything. */
let writer: CallOptions;
let admin: CallOptions;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  const withScopes = async (agent: string, scopes: string[]): Promise<CallOptions> => ({
    as: "stranger",
    headers: byKey((await issueKey({ agent, scopes })).secret),
  });
  writer = await withScopes("writer", ["tracker:read", "tracker:write"]);
  admin = await withScopes("admin", ["tracker:*"]);
});

afterEach(() => {
  jest.restoreAllMocks();
});

const SECOND = 1_000;
const pathTo = (id: string) => `${pathOf(project, id)}/checkout`;
const checkout = (id: string, body: object, options?: CallOptions) => call("POST", pathTo(id), body, options);
const release = (id: string, body: object = {}, options?: CallOptions) => call("DELETE", pathTo(id), body, options);
const heartbeat = (id: string, body: object, options?: CallOptions) =>
  call("POST", `${pathTo(id)}/heartbeat`, body, options);
const leaseIn = ({ body }: TrackerAnswer) => body.lease as GrantedLease;
const refusal = ({ status, body }: TrackerAnswer) => [status, body.error_envelope?.code];
const operationsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).map(({ operation }) => operation);

/** A task that claude holds. */
async function held(lease_seconds = 60): Promise<{ id: string; lease: GrantedLease }> {
  const id = await create(project, "task");
  const answer = await checkout(id, { session_id: "claude", lease_seconds });
  expect(answer.status).toBe(200);
  return { id, lease: leaseIn(answer) };
}

async function expectUnchanged(id: string, work: () => Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const before = await snapshot(project, id);
  const answer = await work();
  expect(await snapshot(project, id)).toEqual(before);
  return answer;
}

describe("a lease", () => {
  it.each([60, 61, 86_400])("may last %d s", async (lease_seconds) => {
    const id = await create(project, "task");
    const answer = await checkout(id, { session_id: "claude", lease_seconds });
    expect(leaseIn(answer)).toEqual({ lease_id: expect.stringMatching(/./), fence: 1, expires_at: expect.any(String) });
    expect(Date.parse(leaseIn(answer).expires_at) - Date.parse(String(answer.body.updated_at))).toBe(
      lease_seconds * SECOND,
    );
    expect(await read(project, id)).toMatchObject({ fence: 1, lease_expires_at: leaseIn(answer).expires_at });
  });

  it("lasts 4 hours where nobody says how long", async () => {
    const id = await create(project, "task");
    const answer = await checkout(id, { session_id: "claude", lease_seconds: null });
    const lasts = Date.parse(leaseIn(answer).expires_at) - Date.parse(String(answer.body.updated_at));
    expect(lasts).toBe(14_400 * SECOND);
  });

  it.each([59, 0, -60, 86_401, 60.5, "60", true])("does not last %j s, on either way to it", async (lease_seconds) => {
    const { id, lease } = await held();
    const free = await create(project, "task");
    const tries = [
      () => checkout(free, { session_id: "claude", lease_seconds }),
      () => patch(project, free, { field: "active_agent_session", value: true, provider: "x", lease_seconds }),
      () => heartbeat(id, { lease_id: lease.lease_id, lease_seconds }),
      () => call("POST", `/${project}/claims/next`, { session_id: "claude", lease_seconds }),
    ];
    for (const work of tries) expect(refusal(await work())).toEqual([400, "INVALID_INPUT"]);
    expect((await stored(project, free)).active_agent_session).toBe(false);
    expect((await stored(project, id)).lease_expires_at).toBe(lease.expires_at);
  });

  it("has an id of its own, and a fence one higher than the one before, whatever ended that one", async () => {
    const { project_id } = await makeProject();
    const id = await create(project_id, "task");
    const path = `${pathOf(project_id, id)}/checkout`;
    const take = async (session_id: string) => leaseIn(await call("POST", path, { session_id, lease_seconds: 60 }));
    const leases = [await take("a")];
    await call("DELETE", path, { session_id: "a" });
    leases.push(await take("b"));
    moveClock(61 * SECOND);
    leases.push(await take("c"));
    await call("DELETE", path, { force: true, reason: "it hangs" });
    leases.push(await take("d"));
    await patch(project_id, id, { action: "close" });
    await patch(project_id, id, { action: "reopen" });
    await patch(project_id, id, { field: "active_agent_session", value: false, provider: "d" });
    leases.push(leaseIn(await call("POST", `/${project_id}/claims/next`, { session_id: "e", lease_seconds: 60 })));
    moveClock(300 * SECOND);
    leases.push(leaseIn(await call("POST", `/${project_id}/claims/next`, { session_id: "f" })));
    expect(leases.map(({ fence }) => fence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(leases.map(({ lease_id }) => lease_id)).size).toBe(6);
    await call("DELETE", path, {});
    expect((await stored(project_id, id)).fence).toBe(6);
    await expectIntact(project_id, await stored(project_id, id));
  });
});

describe("a lease that has ended", () => {
  it("is taken over in one write, which is one entry that says from whom", async () => {
    const { id, lease } = await held();
    moveClock(61 * SECOND);
    let taken: TrackerAnswer | undefined;
    const calls = await operationsOf(async () => {
      taken = await checkout(id, { session_id: "codex" });
    });
    expect(calls).toEqual(["TransactWriteItems"]);
    expect(taken).toMatchObject({ status: 200, body: { active_agent_session_id: "codex", lease: { fence: 2 } } });
    const chain = await chainOf(project, id);
    expect(chain.map(({ operation }) => operation)).toEqual(["create", "checkout", "checkout"]);
    expect(chain.at(-1)?.changes).toContainEqual({ field: "active_agent_session_id", from: "claude", to: "codex" });
    expect(chain.at(-1)?.changes).toContainEqual(expect.objectContaining({ field: "lease_id", from: lease.lease_id }));
  });

  it("frees the record to the second, and holds it until then", async () => {
    const { id, lease } = await held();
    const end = Date.parse(lease.expires_at);
    const at = (moment: number) => jest.spyOn(Date, "now").mockReturnValue(moment);
    at(end - 1);
    const refused = await checkout(id, { session_id: "codex" });
    expect([...refusal(refused), refused.body.holder]).toEqual([
      409,
      "CONFLICT",
      expect.objectContaining({ session_id: "claude", seconds_left: 1 }),
    ]);
    at(end);
    expect((await checkout(id, { session_id: "codex" })).status).toBe(200);
  });

  it("is over also for its holder: the record may be taken by the same name again, under a higher fence", async () => {
    const { id } = await held();
    moveClock(61 * SECOND);
    expect(leaseIn(await checkout(id, { session_id: "claude" })).fence).toBe(2);
  });
});

describe("a heartbeat", () => {
  it("lets the lease last longer, and is no change of the record", async () => {
    const { id, lease } = await held(60);
    const before = await stored(project, id);
    moveClock(20 * SECOND);
    const answer = await heartbeat(id, { lease_id: lease.lease_id, lease_seconds: 120 });
    const after = await stored(project, id);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      record_id: id,
      lease: { lease_id: lease.lease_id, fence: 1, expires_at: after.lease_expires_at },
      last_heartbeat_at: after.lease_heartbeat_at,
    });
    const { row_version, write_source, lease_expires_at, lease_heartbeat_at, ...rest } = after;
    expect(Date.parse(String(lease_expires_at)) - Date.parse(String(lease_heartbeat_at))).toBe(120 * SECOND);
    expect(before).toMatchObject(rest);
    expect(row_version).toBe(Number(before.row_version) + 1);
    expect(write_source?.write_id).not.toBe(before.write_source?.write_id);
    await expectIntact(project, after);
    const refused = await checkout(id, { session_id: "codex" });
    expect(refused.body.holder).toMatchObject({ lease_expires_at, last_heartbeat_at: lease_heartbeat_at });
  });

  it("lasts as long as a checkout does where nobody says how long", async () => {
    const { id, lease } = await held(60);
    await heartbeat(id, { lease_id: lease.lease_id });
    const { lease_expires_at, lease_heartbeat_at } = await stored(project, id);
    expect(Date.parse(String(lease_expires_at)) - Date.parse(String(lease_heartbeat_at))).toBe(14_400 * SECOND);
  });

  it("is written at most once in 10 s, and answered always", async () => {
    const { id, lease } = await held(60);
    const beat = () => heartbeat(id, { lease_id: lease.lease_id, lease_seconds: 600 });
    const first = await beat();
    for (const seconds of [0, 5, 9]) {
      moveClock(seconds * SECOND - 999);
      const again = await expectUnchanged(id, beat);
      expect([again.status, again.text]).toEqual([200, first.text]);
    }
    moveClock(11 * SECOND);
    const later = await beat();
    expect(Date.parse(leaseIn(later).expires_at)).toBeGreaterThanOrEqual(
      Date.parse(leaseIn(first).expires_at) + 10 * SECOND,
    );
    expect((await stored(project, id)).row_version).toBe(4);
  });

  it("is written once by many at once", async () => {
    const { id, lease } = await held(60);
    const beats = await Promise.all(
      Array.from({ length: 20 }, () => heartbeat(id, { lease_id: lease.lease_id, lease_seconds: 600 })),
    );
    expect(new Set(beats.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await stored(project, id)).row_version).toBe(3);
  });

  it("never lets a lease end earlier", async () => {
    const { id, lease } = await held(600);
    const answer = await heartbeat(id, { lease_id: lease.lease_id, lease_seconds: 60 });
    expect(answer).toMatchObject({ status: 200, body: { lease } });
    expect(await stored(project, id)).toMatchObject({
      lease_expires_at: lease.expires_at,
      lease_heartbeat_at: answer.body.last_heartbeat_at,
      row_version: 3,
    });
  });

  it("costs one AWS call, two where the lease lasts longer already", async () => {
    const { id, lease } = await held(60);
    const beat = (lease_seconds: number) => () => heartbeat(id, { lease_id: lease.lease_id, lease_seconds });
    expect(await operationsOf(beat(600))).toEqual(["UpdateItem"]);
    expect(await operationsOf(beat(600))).toEqual(["UpdateItem"]);
    moveClock(11 * SECOND);
    expect(await operationsOf(beat(60))).toEqual(["UpdateItem", "UpdateItem"]);
  });

  it("brings back a lease that has ended if nobody has taken the record since", async () => {
    const { id, lease } = await held(60);
    moveClock(120 * SECOND);
    const answer = await heartbeat(id, { lease_id: lease.lease_id, lease_seconds: 60 });
    expect(answer).toMatchObject({ status: 200, body: { lease: { lease_id: lease.lease_id, fence: 1 } } });
    expect(refusal(await checkout(id, { session_id: "codex" }))).toEqual([409, "CONFLICT"]);
  });

  it("of a lease that was taken over is told who holds the record now", async () => {
    const { id, lease } = await held(60);
    moveClock(61 * SECOND);
    const newer = leaseIn(await checkout(id, { session_id: "codex", lease_seconds: 60 }));
    const answer = await expectUnchanged(id, () => heartbeat(id, { lease_id: lease.lease_id, session_id: "claude" }));
    expect(refusal(answer)).toEqual([409, "LEASE_LOST"]);
    expect(answer.body.error_envelope.details).toEqual({
      holder: {
        session_id: "codex",
        since: expect.any(String),
        lease_expires_at: newer.expires_at,
        seconds_left: expect.any(Number),
        last_heartbeat_at: null,
      },
      current_fence: 2,
      next_action: expect.stringContaining("claims/next"),
    });
    // Nor is it brought back once the other one's lease is over.
    moveClock(200 * SECOND);
    const late = await expectUnchanged(id, () => heartbeat(id, { lease_id: lease.lease_id }));
    expect(refusal(late)).toEqual([409, "LEASE_LOST"]);
    expect(late.body).not.toHaveProperty("holder");
  });

  it("of a lease that was given back, or of none, is refused", async () => {
    const { id, lease } = await held(60);
    expect(refusal(await heartbeat(id, { lease_id: "another" }))).toEqual([409, "LEASE_LOST"]);
    await release(id, { session_id: "claude" });
    const answer = await expectUnchanged(id, () => heartbeat(id, { lease_id: lease.lease_id }));
    expect(refusal(answer)).toEqual([409, "LEASE_LOST"]);
    expect(answer.body.error_envelope.details).toEqual({ current_fence: 1, next_action: expect.any(String) });
    expect(refusal(await heartbeat(await create(project, "task"), { lease_id: "x" }))).toEqual([409, "LEASE_LOST"]);
    expect(refusal(await heartbeat("NOT-TSK-999", { lease_id: "x" }))).toEqual([404, "NOT_FOUND"]);
    for (const body of [{}, { lease_id: "" }, { lease_id: 5 }]) {
      expect(refusal(await heartbeat(id, body))).toEqual([400, "INVALID_INPUT"]);
    }
  });

  it.each([
    ['"2"', 200],
    ['"1", "2"', 200],
    ["*", 200],
    ['"1"', 412],
    ['W/"2"', 412],
    ['"something"', 412],
  ])("with If-Match: %s is answered %d", async (tag, status) => {
    const { id, lease } = await held(60);
    const beat = () => heartbeat(id, { lease_id: lease.lease_id }, { headers: { "If-Match": tag } });
    if (status === 200) expect((await beat()).status).toBe(200);
    else expect(refusal(await expectUnchanged(id, beat))).toEqual([412, "VERSION_CONFLICT"]);
  });
});

describe("a release", () => {
  type Case = [who: string, options: () => CallOptions, body: (lease: GrantedLease) => object, by: string];
  const withFence = (options: CallOptions, fence: number): CallOptions => ({
    ...options,
    headers: { ...options.headers, "X-Lease-Fence": String(fence) },
  });
  const person = (): CallOptions => ({ as: "person" });
  const service = (): CallOptions => ({ as: "service" });

  it.each<Case>([
    ["the holder, by its session", () => writer, () => ({ session_id: "claude" }), ""],
    ["the holder, by its provider", () => writer, () => ({ provider: "claude" }), ""],
    ["the holder, by its lease id", () => writer, ({ lease_id }) => ({ lease_id }), ""],
    ["whoever has the lease id", () => writer, ({ lease_id }) => ({ lease_id, session_id: "claude-2" }), ""],
    ["the holder, by its fence alone", () => withFence(writer, 1), () => ({}), ""],
    ["the holder, by its fence in the body", () => writer, ({ fence }) => ({ fence }), ""],
    ["an admin that forces it", () => admin, () => ({ session_id: "codex", force: true }), " by agent:admin (forced)"],
    ["an admin that names nobody", () => admin, () => ({}), " by agent:admin"],
    ["a service that names nobody", service, () => ({}), " by internal-key"],
    ["a service that forces it", service, () => ({ session_id: "codex", force: true }), " by internal-key (forced)"],
    ["a person that names nobody", person, () => ({}), " by [0-9a-f-]{36}"],
    ["a person that forces it", person, () => ({ provider: "me", force: true }), " by [0-9a-f-]{36} \\(forced\\)"],
  ])("by %s is accepted", async (_who, options, body, by) => {
    const { id, lease } = await held();
    expect((await release(id, body(lease), options())).status).toBe(200);
    expect(await stored(project, id)).toMatchObject({ active_agent_session: false, fence: 1, sync_version: 3 });
    const words = by.includes("\\") ? by : by.replaceAll(/[()]/g, "\\$&");
    const description = expect.stringMatching(new RegExp(`^Agent session released${words}( \\[|$)`));
    expect((await chainOf(project, id)).at(-1)).toMatchObject({ operation: "release", note: { description } });
  });

  it.each<[who: string, options: () => CallOptions, body: object]>([
    ["an agent that names another session", () => writer, { session_id: "codex" }],
    ["an agent that names nobody", () => writer, {}],
    ["an agent that has another lease id", () => writer, { lease_id: "another", session_id: "claude" }],
    ["an agent that forces it without the right to", () => writer, { session_id: "codex", force: true, reason: "x" }],
    ["an admin that names another session and does not force it", () => admin, { session_id: "codex", reason: "x" }],
    ["a service that names another session", service, { session_id: "codex" }],
    ["a service that has another lease id", service, { lease_id: "another" }],
    ["a person that names another session", person, { provider: "me" }],
  ])("by %s is refused, with who holds it", async (_who, options, body) => {
    const { id, lease } = await held();
    const answer = await expectUnchanged(id, () => release(id, body, options()));
    expect(refusal(answer)).toEqual([409, "NOT_HOLDER"]);
    expect(answer.body.error_envelope.details).toMatchObject({
      holder: { session_id: "claude", lease_expires_at: lease.expires_at },
      next_action: expect.stringMatching(/wait \d+ s/),
    });
  });

  it("that is forced has its reason in the history", async () => {
    const { id } = await held();
    await release(id, { session_id: "codex", force: true, reason: "  it hangs " }, admin);
    expect((await chainOf(project, id)).at(-1)).toMatchObject({ actor: "agent:admin", reason: "it hangs" });
  });

  it("of a lease that has ended is nobody's business any more", async () => {
    const { id } = await held();
    moveClock(61 * SECOND);
    expect((await release(id, { session_id: "codex" }, writer)).status).toBe(200);
  });
});

describe("a checkout of a blocked record", () => {
  const depend = (id: string, other: string, kind: string) =>
    call("PUT", `${pathOf(project, id)}/dependencies/${other}`, { kind });

  /** A task that waits for a blocker of its own, and through its parent for another one. */
  async function blocked() {
    const [own, inherited] = await Promise.all(
      ["Dig", "Plan"].map((title) => create(project, "task", { title })) as [Promise<string>, Promise<string>],
    );
    const [id, parent] = await Promise.all([create(project, "task"), create(project, "feature")]);
    await depend(id, own, "blocks");
    await depend(parent, inherited, "blocks");
    await depend(id, parent, "parent");
    return { id, own, inherited, parent };
  }

  it("is refused with everything that blocks it, by title, and through whom", async () => {
    const { id, own, inherited, parent } = await blocked();
    const answer = await expectUnchanged(id, () => checkout(id, { session_id: "claude" }, writer));
    expect(refusal(answer)).toEqual([409, "BLOCKED"]);
    expect(answer.body.error_envelope.details).toEqual({
      current_status: "open",
      blockers: [
        { record_id: own, project_id: project, title: "Dig", status: "open" },
        { record_id: inherited, project_id: project, title: "Plan", status: "open", inherited_from: parent },
      ],
      next_action: expect.stringContaining(own),
    });
    for (const blocker of [own, inherited]) await patch(project, blocker, { action: "close" });
    expect((await checkout(id, { session_id: "claude" }, writer)).status).toBe(200);
  });

  it.each<[why: string, options: () => CallOptions, body: object, expected: unknown[]]>([
    ["without a reason", () => admin, { force: true }, [400, "INVALID_INPUT"]],
    ["with a blank reason", () => admin, { force: true, reason: "  " }, [400, "INVALID_INPUT"]],
    ["without the right to", () => writer, { force: true, reason: "now" }, [403, "PERMISSION_DENIED"]],
    ["with a reason, but not forced", () => admin, { reason: "now" }, [409, "BLOCKED"]],
  ])("is refused %s", async (_why, options, body, expected) => {
    const { id } = await blocked();
    const answer = await expectUnchanged(id, () => checkout(id, { session_id: "claude", ...body }, options()));
    expect(refusal(answer)).toEqual(expected);
    if (answer.status === 403) expect(answer.body.required_scope).toBe("tracker:admin");
  });

  it("is granted to an admin that forces it and says why, and the history has it", async () => {
    const { id } = await blocked();
    const answer = await checkout(id, { session_id: "claude", force: true, reason: " it burns " }, admin);
    expect(answer).toMatchObject({ status: 200, body: { lease: { fence: 1 } } });
    expect((await chainOf(project, id)).at(-1)).toMatchObject({
      operation: "checkout_forced",
      reason: "it burns",
      actor: "agent:admin",
    });
    const explained = await call("GET", `${pathOf(project, id)}/explain`);
    expect((explained.body.reasons as { code: string }[]).map(({ code }) => code)).toEqual(["LEASED", "BLOCKED"]);
  });

  it("that somebody holds is refused for the holder, forced or not", async () => {
    const { id } = await blocked();
    const forced = { force: true, reason: "it burns" };
    await checkout(id, { session_id: "claude", ...forced }, admin);
    const answer = await checkout(id, { session_id: "codex", ...forced }, admin);
    expect([...refusal(answer), answer.body.reason]).toEqual([409, "CONFLICT", "SESSION_LOCKED"]);
  });
});

describe("a parked record", () => {
  async function parked(in_project: string): Promise<string> {
    const id = await create(in_project, "task");
    const row = await stored(in_project, id);
    const row_version = Number(row.row_version) + 1;
    const parking = { parked_at: "2026-02-03T04:05:06Z", parked_reason: "went round in circles" };
    await putRow(withReadiness({ ...row, ...parking, row_version }));
    return id;
  }

  it("is not handed out; taken expressly it is parked no longer", async () => {
    const { project_id } = await makeProject();
    const id = await parked(project_id);
    const claim = () => call("POST", `/${project_id}/claims/next`, { session_id: "claude" });
    const nothing = await claim();
    expect([...refusal(nothing), nothing.body.counts]).toEqual([
      404,
      "NOTHING_READY",
      { blocked: 0, leased: 0, parked: 1 },
    ]);
    const taken = await call("POST", `${pathOf(project_id, id)}/checkout`, { session_id: "claude" });
    expect([taken.status, leaseIn(taken).fence]).toEqual([200, 1]);
    const row = await stored(project_id, id);
    expect(row).not.toHaveProperty("parked_at");
    expect(row).not.toHaveProperty("parked_reason");
    expect((await chainOf(project_id, id)).at(-1)?.changes).toContainEqual({
      field: "parked_reason",
      from: "went round in circles",
      to: null,
    });
    await call("DELETE", `${pathOf(project_id, id)}/checkout`, { session_id: "claude" });
    expect((await claim()).status).toBe(200);
  });

  it("stays parked over everything else that happens to it", async () => {
    const id = await parked(project);
    await patch(project, id, { field: "priority", value: "P0" });
    await call("POST", `${pathOf(project, id)}/log`, { description: "looked at" });
    const row = await stored(project, id);
    expect(row).toMatchObject({ parked_at: "2026-02-03T04:05:06Z", stalled_scope: `${project}#task#parked` });
    expect(row).not.toHaveProperty("ready_scope");
    for (const field of ["parked_at", "parked_reason"]) {
      expect((await patch(project, id, { field, value: "" })).status).toBe(400);
    }
  });
});
