import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { moveClock } from "../../support/clock.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { putReady } from "../../support/ready-records.ts";
import { callsDuring } from "../../support/services.ts";
import { type CallOptions, call, create, patch, pathOf, read, set } from "../../support/tracker-api.ts";
import { putRow, rowsOf, stored } from "../../support/tracker-rows.ts";

const anyProject = async () => (await makeProject()).project_id;

afterEach(() => {
  jest.restoreAllMocks();
});

const SECOND = 1_000;
const claim = (project: string, body: object = {}, options?: CallOptions) =>
  call("POST", `/${project}/claims/next`, { session_id: "claude", ...body }, options);
const ready = (project: string, query: CallOptions["query"] = {}, options?: CallOptions) =>
  call("GET", `/${project}/ready`, undefined, { ...options, query });
const explain = (project: string, id: string, options?: CallOptions) =>
  call("GET", `${pathOf(project, id)}/explain`, undefined, options);
const checkout = (project: string, id: string, body: object = {}) =>
  call("POST", `${pathOf(project, id)}/checkout`, { session_id: "claude", ...body });
const depend = (project: string, id: string, other: string, kind: string) =>
  call("PUT", `${pathOf(project, id)}/dependencies/${other}`, { kind });
const operationsOf = async (work: () => Promise<unknown>) =>
  (await callsDuring(work)).map(({ operation }) => operation);

/** Claims until nothing is left. @returns the ids in the order in which they were handed out */
async function claimAll(project: string, body: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { status, body: answer } = await claim(project, body);
    if (status !== 200) {
      expect([status, answer.error_envelope.code]).toEqual([404, "NOTHING_READY"]);
      return ids;
    }
    ids.push(String(answer.record.item_id));
  }
}

const listed = async (project: string, query: Record<string, string> = {}) =>
  (await ready(project, query)).body.records.map(({ item_id }) => item_id);

describe("a claim", () => {
  it("gives the record as it is now, and its lease", async () => {
    const project = await anyProject();
    const id = await create(project, "task", { labels: ["a"], description: "Do all of it" });
    await call("POST", `${pathOf(project, id)}/log`, { description: "begun" });
    const answer = await claim(project, { lease_seconds: 90 });
    expect(answer.status).toBe(200);
    const row = await stored(project, id);
    expect(answer.body).toEqual({
      success: true,
      record: await read(project, id),
      lease: { lease_id: row.lease_id, fence: 1, expires_at: row.lease_expires_at },
      ready_left: 0,
    });
    expect(answer.body.record).toMatchObject({
      item_id: id,
      labels: ["a"],
      active_agent_session_id: "claude",
      sync_version: 3,
      history: [{ status: "created" }, { description: "begun" }, { description: "Agent session checkout by claude" }],
    });
    expect(Date.parse(String(row.lease_expires_at)) - Date.parse(String(row.updated_at))).toBe(90 * SECOND);
  });

  it("needs a name for the holder; a provider is one", async () => {
    const project = await anyProject();
    await create(project, "task");
    const nameless = await call("POST", `/${project}/claims/next`, {});
    expect([nameless.status, nameless.body.error]).toEqual([400, expect.stringContaining("write_source.provider")]);
    const named = await call("POST", `/${project}/claims/next`, { write_source: { provider: "codex" } });
    expect(named.body.record.active_agent_session_id).toBe("codex");
  });

  it("is of a task or an issue, unless types say otherwise", async () => {
    const project = await anyProject();
    const [feature, issue, task] = [
      await create(project, "feature", { priority: "P0" }),
      await create(project, "issue", { priority: "P1" }),
      await create(project, "task", { priority: "P2" }),
    ];
    expect(await listed(project)).toEqual([issue, task]);
    expect(await listed(project, { types: "feature,task" })).toEqual([feature, task]);
    expect((await claim(project, { types: ["task"] })).body.record.item_id).toBe(task);
    expect(await claimAll(project)).toEqual([issue]);
    expect(await claimAll(project, { types: ["feature", "task", "feature"] })).toEqual([feature]);
    for (const types of [[], ["epic"], "task"]) expect((await claim(project, { types })).status).toBe(400);
  });

  it("may ask for labels, all of them, and for who is assigned", async () => {
    const project = await anyProject();
    await create(project, "task", { priority: "P0" });
    const both = await create(project, "task", { labels: ["a", "b"], assigned_to: "claude", priority: "P1" });
    const one = await create(project, "issue", { labels: ["a"] });
    expect(await listed(project, { labels: "b,a" })).toEqual([both]);
    expect(await listed(project, { assigned_to: "claude" })).toEqual([both]);
    const answer = await claim(project, { labels: ["a"] });
    expect([answer.body.record.item_id, answer.body.ready_left]).toEqual([both, 1]);
    expect((await claim(project, { labels: ["a", "b"] })).status).toBe(404);
    expect((await claim(project, { assigned_to: "codex" })).body.error_envelope.code).toBe("NOTHING_READY");
    expect(await claimAll(project, { labels: ["a"] })).toEqual([one]);
  });

  it("is of the best one: priority, then age, then the order of the ids", async () => {
    const project = await anyProject();
    const old = "2026-01-01T00:00:00Z";
    const later = "2026-01-01T00:00:01Z";
    const wanted = [
      { priority: "P0", created_at: later },
      { priority: "critical", created_at: "2026-01-01T00:00:02Z" },
      { priority: "P1", created_at: old },
      { priority: "high", created_at: later },
      { priority: "p2", created_at: old },
      { priority: "P3", created_at: old },
      { priority: "P4", created_at: old },
      { created_at: old },
      { priority: "whenever", created_at: old },
      { created_at: later },
    ];
    // Put the other way round: what counts is not the number.
    const ids = await putReady(project, wanted.length, (number) => wanted[wanted.length - number] ?? {});
    const inOrder = [...ids].reverse();
    // Two of the same priority and age are told apart by their numbers.
    inOrder.splice(7, 2, ...[inOrder[7] ?? "", inOrder[8] ?? ""].sort());
    expect(await listed(project)).toEqual(inOrder);
    expect(await claimAll(project)).toEqual(inOrder);
  });

  it("follows the numbers of ids, not their spelling, and merges types into one order", async () => {
    const project = await anyProject();
    const ids = await putReady(project, 1_001, (number) => (number > 2 && number < 999 ? { status: "closed" } : {}));
    const issue = await create(project, "issue", { priority: "P1" });
    const wanted = [issue, "RDY-TSK-001", "RDY-TSK-002", "RDY-TSK-999", "RDY-TSK-1000", "RDY-TSK-1001"];
    expect(ids).toHaveLength(1_001);
    expect(await listed(project)).toEqual(wanted);
    expect(await claimAll(project)).toEqual(wanted);
  });

  it("follows a priority that was changed", async () => {
    const project = await anyProject();
    const [first, second] = [await create(project, "task"), await create(project, "task")];
    expect(await listed(project)).toEqual([first, second]);
    await set(project, second, "priority", "P0");
    expect(await claimAll(project)).toEqual([second, first]);
  });

  it("gives what a dead holder had, in its place in the order, and under a higher fence", async () => {
    const project = await anyProject();
    const ids = await putReady(project, 4);
    await claim(project, { lease_seconds: 600 });
    await claim(project, { lease_seconds: 60 });
    moveClock(61 * SECOND);
    expect(await listed(project)).toEqual([ids[1], ids[2], ids[3]]);
    const again = await claim(project, { session_id: "codex" });
    expect([again.body.record.item_id, again.body.lease, again.body.ready_left]).toEqual([
      ids[1],
      expect.objectContaining({ fence: 2 }),
      2,
    ]);
    moveClock(700 * SECOND);
    expect(await claimAll(project)).toEqual([ids[0], ids[2], ids[3]]);
  });

  it("does not give what is closed, held, blocked or parked", async () => {
    const project = await anyProject();
    const [closed, held, blocked, blocker] = (await Promise.all(
      Array.from({ length: 4 }, () => create(project, "task")),
    )) as [string, string, string, string];
    await patch(project, closed, { action: "close" });
    await checkout(project, held);
    await depend(project, blocked, blocker, "blocks");
    await putReady(project, 1, () => ({ parked_at: "2026-01-01T00:00:00Z", parked_reason: "x" }));
    expect(await claimAll(project)).toEqual([blocker]);
    await patch(project, blocker, { action: "close" });
    await patch(project, closed, { action: "reopen" });
    await call("DELETE", `${pathOf(project, held)}/checkout`, { session_id: "claude" });
    expect((await claimAll(project)).sort()).toEqual([closed, held, blocked].sort());
  });

  it("on an image that is out of date gives the record as it is", async () => {
    const project = await anyProject();
    const ids = await putReady(project, 3, () => ({ labels: ["a"] }));
    await claim(project);
    // By way of another container.
    await putRow({ ...(await stored(project, ids[1] ?? "")), title: "Renamed", sync_version: 2, row_version: 2 });
    const answer = await claim(project, { labels: ["a"] });
    expect(answer.body).toMatchObject({
      record: { item_id: ids[1], title: "Renamed", sync_version: 3 },
      ready_left: 1,
    });
  });
});

describe("what is left", () => {
  it.each([
    [1, 0, undefined],
    [2, 1, undefined],
    [26, 25, undefined],
    [27, 26, undefined],
    [101, 100, undefined],
    [102, 100, true],
    [160, 100, true],
  ])("of %d ready ones is told as %d, as a lower bound: %s", async (count, left, isLowerBound) => {
    for (const [body, other] of [
      [{}, "a"],
      [{ labels: ["a"] }, "a"],
    ] as const) {
      const project = await anyProject();
      await putReady(project, count, () => ({ labels: [other] }));
      const answer = await claim(project, body);
      expect([answer.body.ready_left, answer.body.ready_left_is_lower_bound]).toEqual([left, isLowerBound]);
    }
  });

  it.each([
    [100, undefined],
    [101, true],
  ])("counts over all types and what dead holders had: %d", async (others, isLowerBound) => {
    const project = await anyProject();
    const held = {
      active_agent_session: true,
      active_agent_session_id: "dead",
      lease_expires_at: "2026-01-01T00:01:00Z",
    };
    await putReady(project, others - 1, (number) => (number % 2 === 0 ? held : {}));
    await create(project, "issue");
    await create(project, "issue");
    const answer = await claim(project);
    expect([answer.body.ready_left, answer.body.ready_left_is_lower_bound]).toEqual([100, isLowerBound]);
  });

  it.each([
    [101, 100, undefined],
    [102, 100, true],
  ])("of %d that dead holders had is told as %d", async (count, left, isLowerBound) => {
    const project = await anyProject();
    const held = {
      active_agent_session: true,
      active_agent_session_id: "dead",
      lease_expires_at: "2026-01-01T00:01:00Z",
    };
    await putReady(project, count, () => held);
    const answer = await claim(project);
    expect([answer.body.ready_left, answer.body.ready_left_is_lower_bound]).toEqual([left, isLowerBound]);
  });
});

describe("where nothing is ready", () => {
  it("the answer says why, and when to ask again", async () => {
    const project = await anyProject();
    const empty = await claim(project);
    expect(empty.status).toBe(404);
    expect(empty.headers["Retry-After"]).toBe("60");
    expect(empty.body.error_envelope).toEqual({
      code: "NOTHING_READY",
      message: "Nothing is ready: 0 blocked, 0 leased, 0 parked.",
      retryable: true,
      details: {
        counts: { blocked: 0, leased: 0, parked: 0 },
        retry_after_seconds: 60,
        next_action: expect.stringContaining("60 s"),
      },
    });

    const [task, issue, other] = [
      await create(project, "task"),
      await create(project, "issue"),
      await create(project, "task"),
    ];
    await depend(project, task, other, "blocks");
    await depend(project, issue, task, "parent");
    await checkout(project, other, { lease_seconds: 100 });
    await putReady(project, 3, () => ({ parked_at: "2026-01-01T00:00:00Z" }));
    moveClock(30 * SECOND);
    const answer = await claim(project, { session_id: "codex" });
    const { counts, retry_after_seconds } = answer.body.error_envelope.details;
    expect(counts).toEqual({ blocked: 2, leased: 1, parked: 3 });
    expect(Number(retry_after_seconds)).toBeGreaterThan(60);
    expect(Number(retry_after_seconds)).toBeLessThanOrEqual(70);
    expect(answer.headers["Retry-After"]).toBe(String(retry_after_seconds));
    const issues = await claim(project, { types: ["issue"] });
    expect(issues.body.counts).toEqual({ blocked: 1, leased: 0, parked: 0 });
    expect(issues.body.retry_after_seconds).toBe(60);
  });

  it("nobody is sent away for longer than five minutes", async () => {
    const project = await anyProject();
    await create(project, "task");
    await claim(project, { lease_seconds: 86_400 });
    expect((await claim(project)).body.retry_after_seconds).toBe(300);
  });

  it("more than a hundred of a kind are told as a lower bound", async () => {
    const project = await anyProject();
    await putReady(project, 101, () => ({ open_blockers: ["RDY-TSK-999"] }));
    const { counts } = (await claim(project)).body;
    expect(counts).toEqual({ blocked: 100, blocked_is_lower_bound: true, leased: 0, parked: 0 });
  });

  it("for the filter, the counts are of the project's types", async () => {
    const project = await anyProject();
    await create(project, "task");
    const answer = await claim(project, { labels: ["none has"] });
    expect(answer.body.counts).toEqual({ blocked: 0, leased: 0, parked: 0 });
  });
});

describe("a project", () => {
  it("that a key may not see is answered as one that does not exist", async () => {
    const [home, foreign] = [await anyProject(), await anyProject()];
    const unknown = foreign.replace("p-", "q-");
    const id = await create(foreign, "task");
    const { secret } = await issueKey({ projects: [home] });
    const limited: CallOptions = { as: "stranger", headers: byKey(secret) };
    const before = await rowsOf(foreign);
    for (const ask of [
      claim,
      (project: string, _: object, options: CallOptions) => ready(project, {}, options),
      (project: string, _: object, options: CallOptions) => explain(project, id, options),
    ]) {
      const answers = [await ask(foreign, {}, limited), await ask(unknown, {}, limited), await ask(unknown, {}, {})];
      const texts = answers.map(({ status, text }) => [status, text.replaceAll(foreign, "P").replaceAll(unknown, "P")]);
      expect(texts[0]?.[0]).toBe(404);
      expect(new Set(texts.map(String)).size).toBe(1);
    }
    expect(await rowsOf(foreign)).toEqual(before);
    expect((await claim(home, {}, limited)).body.error_envelope.code).toBe("NOTHING_READY");
    expect((await claim(anyName())).body.error_envelope.code).toBe("NOT_FOUND");
  });

  it("takes a key that may read for the list, and one that may write for a claim", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    const { secret } = await issueKey({ scopes: ["tracker:read"] });
    const reader: CallOptions = { as: "stranger", headers: byKey(secret) };
    expect((await ready(project, {}, reader)).status).toBe(200);
    expect((await explain(project, id, reader)).status).toBe(200);
    const answer = await claim(project, {}, reader);
    expect([answer.status, answer.body.required_scope]).toEqual([403, "tracker:write"]);
  });
});

describe("the list of what is ready", () => {
  it("comes in pages, in the order in which claims are given", async () => {
    const project = await anyProject();
    const ids = await putReady(project, 7, (number) => ({ priority: `P${number % 3}` }));
    const issue = await create(project, "issue", { priority: "P1" });
    const whole = await listed(project);
    expect(new Set(whole)).toEqual(new Set([...ids, issue]));
    const found: string[] = [];
    let cursor: string | null | undefined;
    do {
      const { body } = await ready(project, { limit: "3", ...(cursor && { cursor }) });
      expect(body.records.length).toBeLessThanOrEqual(3);
      found.push(...body.records.map(({ item_id }) => item_id));
      cursor = body.next_cursor;
    } while (cursor);
    expect(found).toEqual(whole);
    expect(await claimAll(project)).toEqual(whole);
  });

  it("goes on behind the last one while others claim: nothing twice, and nothing left out that is still ready", async () => {
    const project = await anyProject();
    const ids = await putReady(project, 12);
    await claim(project, { lease_seconds: 60 });
    const first = await ready(project, { limit: "3" });
    expect(first.body.records.map(({ item_id }) => item_id)).toEqual(ids.slice(1, 4));
    for (let count = 0; count < 5; count += 1) await claim(project);
    const second = await ready(project, { limit: "3", cursor: String(first.body.next_cursor) });
    expect(second.body.records.map(({ item_id }) => item_id)).toEqual(ids.slice(6, 9));
    // What comes back in front of the cursor is on none of the further pages; behind it, it is.
    moveClock(61 * SECOND);
    await call("DELETE", `${pathOf(project, ids[5] ?? "")}/checkout`, {});
    await checkout(project, ids[10] ?? "");
    const third = await ready(project, { limit: "9", cursor: String(second.body.next_cursor) });
    expect(third.body.records.map(({ item_id }) => item_id)).toEqual([ids[9], ids[11]]);
    expect(third.body).not.toHaveProperty("next_cursor");
    expect(await listed(project)).toEqual([ids[0], ids[5], ...ids.slice(6, 10), ids[11]]);
  });

  it("may be of some fields, and hides what is the store's own", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    const { body } = await ready(project, { fields: "title,ready_rank,row_version" });
    expect(body.records).toEqual([{ item_id: id, title: "Do it" }]);
  });

  it.each<NonNullable<CallOptions["query"]>>([
    { limit: "0" },
    { limit: "1001" },
    { cursor: "nonsense" },
    { types: "epic" },
    { types: "" },
  ])("is refused with %j", async (query) => {
    expect((await ready(await anyProject(), query)).status).toBe(400);
  });

  it("takes a cursor of the same list only", async () => {
    const project = await anyProject();
    await putReady(project, 3);
    const cursor = String((await ready(project, { limit: "1" })).body.next_cursor);
    expect((await ready(project, { cursor, limit: "2" })).status).toBe(200);
    for (const other of [{ types: "task" }, { labels: "a" }, { assigned_to: "x" }] as CallOptions["query"][]) {
      expect((await ready(project, { cursor, ...other })).status).toBe(400);
    }
    expect((await ready(await anyProject(), { cursor })).status).toBe(400);
  });
});

describe("an explanation", () => {
  it("of a record that is ready has no reasons", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    const { status, body } = await explain(project, id);
    expect([status, body]).toEqual([
      200,
      { success: true, record_id: id, title: "Do it", status: "open", ready: true, reasons: [] },
    ]);
    expect((await explain(project, "NOT-TSK-001")).status).toBe(404);
  });

  it("says who holds it, and no more once the lease has ended", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    const { lease } = (await checkout(project, id, { lease_seconds: 60 })).body as {
      lease?: { lease_id: string; expires_at: string };
    };
    await call("POST", `${pathOf(project, id)}/checkout/heartbeat`, { lease_id: lease?.lease_id, lease_seconds: 60 });
    const row = await stored(project, id);
    const { body } = await explain(project, id);
    expect(body.ready).toBe(false);
    expect(body.reasons).toEqual([
      {
        code: "LEASED",
        holder: {
          session_id: "claude",
          since: row.active_agent_session_at,
          lease_expires_at: row.lease_expires_at,
          seconds_left: expect.any(Number),
          last_heartbeat_at: row.lease_heartbeat_at,
        },
      },
    ]);
    moveClock(120 * SECOND);
    expect((await explain(project, id)).body.ready).toBe(true);
  });

  it("says what blocks it, itself and through its parents, with titles", async () => {
    const project = await anyProject();
    const named = (title: string) => create(project, "task", { title });
    const [id, parent, grandparent, own, ofParent, ofGrandparent] = (await Promise.all(
      ["Child", "Parent", "Grandparent", "Own", "Of the parent", "Of the grandparent"].map(named),
    )) as [string, string, string, string, string, string];
    await depend(project, id, parent, "parent");
    await depend(project, parent, grandparent, "parent");
    expect((await explain(project, id)).body.ready).toBe(true);
    await depend(project, grandparent, ofGrandparent, "blocks");
    await depend(project, parent, ofParent, "blocks");
    await depend(project, id, own, "blocks");
    await checkout(project, own);
    const blocker = (record_id: string, title: string, inherited_from?: string) => ({
      record_id,
      project_id: project,
      title,
      status: "open",
      ...(inherited_from && { inherited_from }),
    });
    const blockers = [
      blocker(own, "Own"),
      blocker(ofParent, "Of the parent", parent),
      blocker(ofGrandparent, "Of the grandparent", grandparent),
    ];
    expect((await explain(project, id)).body.reasons).toEqual([{ code: "BLOCKED", blockers }]);
    await patch(project, own, { action: "close" });
    await patch(project, ofParent, { action: "close" });
    expect((await explain(project, id)).body.reasons).toEqual([{ code: "BLOCKED", blockers: blockers.slice(2) }]);
    await patch(project, ofGrandparent, { action: "close" });
    expect((await explain(project, id)).body.ready).toBe(true);
  });

  it("tells of a blocker in a project that the caller may not see the id alone", async () => {
    const [project, elsewhere] = [await anyProject(), await anyProject()];
    const [id, blocker] = [await create(project, "task"), await create(elsewhere, "task", { title: "Secret" })];
    await depend(project, id, blocker, "blocks");
    const { secret } = await issueKey({ projects: [project] });
    const { body } = await explain(project, id, { as: "stranger", headers: byKey(secret) });
    expect(body.reasons).toEqual([{ code: "BLOCKED", blockers: [{ record_id: blocker }] }]);
  });

  it("says why it is parked, that it is closed, and everything at once", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    const blocker = await create(project, "task");
    await depend(project, id, blocker, "blocks");
    await checkout(project, id, { force: true, reason: "now" });
    const row = await stored(project, id);
    await putRow({ ...row, status: "closed", parked_at: "2026-01-01T00:00:00Z", parked_reason: "round in circles" });
    const { body } = await explain(project, id);
    expect(body).toMatchObject({ ready: false, status: "closed" });
    expect(body.reasons).toEqual([
      { code: "CLOSED", status: "closed" },
      { code: "LEASED", holder: expect.objectContaining({ session_id: "claude" }) },
      { code: "BLOCKED", blockers: [expect.objectContaining({ record_id: blocker, title: "Do it" })] },
      { code: "PARKED", since: "2026-01-01T00:00:00Z", reason: "round in circles" },
    ]);
    const { parked_reason: _, ...unexplained } = await stored(project, id);
    await putRow(unexplained);
    expect((await explain(project, id)).body.reasons).toContainEqual(expect.objectContaining({ reason: null }));
  });
});

describe("what the system keeps for itself", () => {
  it("is on no answer: not on a record, a list, a claim or a history", async () => {
    const project = await anyProject();
    const [id, blocker, child] = (await Promise.all(Array.from({ length: 3 }, () => create(project, "task")))) as [
      string,
      string,
      string,
    ];
    await depend(project, id, blocker, "blocks");
    await depend(project, child, id, "parent");
    expect(await stored(project, id)).toMatchObject({ open_blockers: [blocker], has_dependants: true });
    expect(await stored(project, child)).toMatchObject({ blocked_parents: [id] });
    const answers = [
      await call("GET", pathOf(project, id)),
      await call("GET", pathOf(project, child)),
      await call("GET", `/${project}`),
      await call("GET", `/${project}`, undefined, { query: { view: "summary" } }),
      await call("GET", `${pathOf(project, id)}/history`),
      await ready(project),
      await claim(project),
    ];
    const internal = ["open_blockers", "blocked_parents", "has_dependants", "row_version", "ready_scope", "ready_rank"];
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      for (const name of [...internal, "leased_scope", "stalled_scope"]) expect(text).not.toContain(`"${name}"`);
    }
  });
});

describe("in AWS calls", () => {
  it.each([10, 300])("a claim costs 7 where nothing is known, then 1, and 5 to look again: %d ready", async (count) => {
    const project = await anyProject();
    await putReady(project, count);
    await call("GET", `/${project}/task/RDY-TSK-001`);
    const first = await operationsOf(() => claim(project));
    expect(first.length).toBeLessThanOrEqual(7);
    expect(await operationsOf(() => claim(project))).toEqual(["TransactWriteItems"]);
    // The look is not good for ever, but that no lease has ended yet is known.
    moveClock(2 * SECOND);
    const later = await operationsOf(() => claim(project));
    expect(later.length).toBeLessThanOrEqual(5);
  });

  it.each([10, 300])(
    "what comes in, or changes its rank, by a call of the same container costs no look: %d ready",
    async (count) => {
      const project = await anyProject();
      await putReady(project, count, () => ({ priority: "P2" }));
      const first = await claim(project);
      const better = await create(project, "task", { priority: "P1" });
      const best = await create(project, "task", { priority: "P0" });
      const worst = await create(project, "task", { priority: "P3" });
      const answers: Awaited<ReturnType<typeof claim>>[] = [];
      const next = async () => answers.push(await claim(project));
      expect(await operationsOf(next)).toEqual(["TransactWriteItems"]);
      expect(await operationsOf(next)).toEqual(["TransactWriteItems"]);
      await set(project, worst, "priority", "P0");
      expect(await operationsOf(next)).toEqual(["TransactWriteItems"]);
      expect(answers.map(({ body }) => body.record.item_id)).toEqual([best, better, worst]);
      const { ready_left: left, ready_left_is_lower_bound: isBound } = first.body;
      // All of the three were ready beside what was left before.
      expect(answers[2]?.body.ready_left).toBe(left);
      expect(answers[2]?.body.ready_left_is_lower_bound).toBe(isBound);
    },
  );

  it.each([10, 300])("a page of the list costs 1 a type, and 1 more a type for leases: %d ready", async (count) => {
    const project = await anyProject();
    await putReady(project, count);
    await call("GET", `/${project}/task/RDY-TSK-001`);
    const query = { types: "task", limit: "10" };
    expect(await operationsOf(() => ready(project, query))).toEqual(["Query", "Query"]);
    expect(await operationsOf(() => ready(project, query))).toEqual(["Query"]);
    expect(await operationsOf(() => ready(project, { limit: "10" }))).toEqual(["Query", "Query", "Query"]);
    expect(await operationsOf(() => ready(project, { limit: "10" }))).toEqual(["Query", "Query"]);
  });

  it("a checkout of a record that is known costs 1, a refused one too", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    expect(await operationsOf(() => checkout(project, id))).toEqual(["TransactWriteItems"]);
    expect(await operationsOf(() => checkout(project, id))).toEqual(["GetItem"]);
  });

  it("an explanation of a record that nothing blocks costs 1", async () => {
    const project = await anyProject();
    const id = await create(project, "task");
    expect(await operationsOf(() => explain(project, id))).toEqual(["GetItem"]);
  });
});
