import { beforeAll, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { makeProject } from "../../support/projects.ts";
import { call, create, patch, pathOf, type TrackerAnswer } from "../../support/tracker-api.ts";
import { chainOf, snapshot } from "../../support/tracker-rows.ts";

let project: string;
/** An agent that may read and write, and one that may do everything besides. */
let writer: Record<string, string>;
let admin: Record<string, string>;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  writer = byKey((await issueKey({ agent: "writer", scopes: ["tracker:read", "tracker:write"] })).secret);
  admin = byKey((await issueKey({ agent: "admin", scopes: ["tracker:*"] })).secret);
});

type Headers = Record<string, string>;

const checkout = (id: string, body: object, headers: Headers) =>
  call("POST", `${pathOf(project, id)}/checkout`, body, { as: "stranger", headers });

/** A task that somebody called claude holds. */
async function held(): Promise<string> {
  const id = await create(project, "task");
  expect((await checkout(id, { provider: "claude" }, writer)).status).toBe(200);
  return id;
}

async function expectUnchanged(id: string, work: () => Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const before = await snapshot(project, id);
  const answer = await work();
  expect(await snapshot(project, id)).toEqual(before);
  return answer;
}

const BOTH_WAYS: [way: string, release: (id: string, body: object, headers: Headers) => Promise<TrackerAnswer>][] = [
  [
    "on its own route",
    (id, body, headers) => call("DELETE", `${pathOf(project, id)}/checkout`, body, { as: "stranger", headers }),
  ],
  [
    "as a field",
    (id, body, headers) =>
      patch(project, id, { field: "active_agent_session", value: false, ...body }, { as: "stranger", headers }),
  ],
];

describe.each(BOTH_WAYS)("an agent's release of what it does not hold, %s,", (_way, release) => {
  it.each([[{}], [{ provider: "codex" }], [{ force: true }], [{ provider: "codex", force: true, reason: "mine now" }]])(
    "is refused without tracker:admin, also where it names nobody: %j",
    async (body) => {
      const id = await held();
      const answer = await expectUnchanged(id, () => release(id, body, writer));
      expect([answer.status, answer.body.error_envelope.code]).toEqual([409, "NOT_HOLDER"]);
      expect(answer.body).toMatchObject({ holder: { session_id: "claude" } });
    },
  );

  it("is taken from a key with tracker:admin that forces it, or names nobody", async () => {
    for (const body of [{ provider: "codex", force: true, reason: "it hangs" }, {}]) {
      const id = await held();
      expect((await release(id, body, admin)).status).toBe(200);
      const description = expect.stringContaining("Agent session released by agent:admin");
      expect((await chainOf(project, id)).at(-1)).toMatchObject({ actor: "agent:admin", note: { description } });
    }
  });

  it("is refused also with tracker:admin where it names another and does not force it", async () => {
    const id = await held();
    expect((await expectUnchanged(id, () => release(id, { provider: "codex" }, admin))).status).toBe(409);
  });

  it("is no release of another where it is the holder, or nobody is", async () => {
    const id = await held();
    expect((await release(id, { provider: "claude" }, writer)).status).toBe(200);
    expect((await release(id, {}, writer)).status).toBe(200);
  });
});

describe("a write of an agent on what somebody else holds", () => {
  const log = (id: string, body: object, headers: Headers) =>
    call("POST", `${pathOf(project, id)}/log`, { description: "x", ...body }, { as: "stranger", headers });

  it("is refused where the agent does not say who it is, whatever its key holds", async () => {
    const id = await held();
    for (const headers of [writer, admin]) {
      const answer = await expectUnchanged(id, () => log(id, {}, headers));
      expect([answer.status, answer.body.reason]).toEqual([409, "SESSION_LOCKED"]);
    }
  });

  it("passes for the holder", async () => {
    const id = await held();
    expect((await log(id, { provider: "claude" }, writer)).status).toBe(200);
    expect((await log(id, { provider: "codex" }, writer)).status).toBe(409);
  });
});

it("an import needs tracker:admin", async () => {
  const body = { records: [{ external_id: "a", type: "task", title: "x", status: "closed" }] };
  const bring = (headers: Headers) => call("POST", `/${project}/imports`, body, { as: "stranger", headers });
  const refused = await bring(writer);
  expect([refused.status, refused.body.required_scope]).toEqual([403, "tracker:admin"]);
  const { status, body: answer } = await bring(admin);
  expect([status, answer.records]).toEqual([200, [expect.objectContaining({ result: "created" })]]);
});

describe("an agent that closes or reopens past gates and locks", () => {
  it.each(["close", "reopen"])("%s is refused without tracker:admin, and nothing is written", async (action) => {
    const id = await held();
    const answer = await expectUnchanged(id, () => patch(project, id, { action }, { as: "stranger", headers: writer }));
    expect(answer.status).toBe(403);
    expect(answer.body.error_envelope.details).toMatchObject({ required_scope: "tracker:admin" });
  });

  it("is let in with tracker:admin, under its own name", async () => {
    const id = await held();
    expect((await patch(project, id, { action: "close" }, { as: "stranger", headers: admin })).status).toBe(200);
    const note = expect.objectContaining({ status: "close_audit", agent_details: "agent:admin" });
    expect((await chainOf(project, id)).at(-1)).toMatchObject({ actor: "agent:admin", note });
  });

  it("may leave a note without it", async () => {
    const id = await create(project, "task");
    const answer = await patch(project, id, { action: "note", note: "look" }, { as: "stranger", headers: writer });
    expect(answer.status).toBe(200);
  });
});
