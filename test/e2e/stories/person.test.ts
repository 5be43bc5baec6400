import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { eventually } from "../../support/eventually.ts";
import { newSession } from "../../support/local-person.ts";
import { system } from "../../support/shared-system.ts";

let person: ApiCaller;
let agent: ApiCaller;

/** As the sign-in page does it: a password for an id token, which becomes the cookie. */
async function signIn(): Promise<string> {
  const { aws, region, clientId, users } = system.endpoints;
  const session = await newSession({ cognito: aws.cognito, region, credentials: aws, clientId, user: users[0] });
  return `enceladus_id_token=${session.idToken}`;
}

beforeAll(async () => {
  person = new ApiCaller(system, { Cookie: await signIn() });
  agent = ApiCaller.service(system);
});

const TASK = "/api/v1/tracker/voyage/task/VOY-TSK-001";
const ISSUE = "/api/v1/tracker/voyage/issue/VOY-ISS-001";

async function recordAt(path: string) {
  const { status, body } = await agent.get(path);
  expect(status).toBe(200);
  return body.record as Record<string, unknown> & { history: { status: string; description: string }[] };
}

describe("a person and an agent on one project", () => {
  it("begin with the project", async () => {
    expect((await person.get("/api/v1/projects/voyage")).status).toBe(404);
    await person.createProject("voyage", "VOY");
    const { status, body } = await person.get("/api/v1/projects/voyage");
    expect([status, body]).toMatchObject([200, { project: { project_id: "voyage", prefix: "VOY" } }]);
  });

  it("create a task, an issue and a feature, numbered from one", async () => {
    const task = { title: "Load the ship", acceptance_criteria: ["everything is on board"], priority: "P1" };
    const issue = { title: "The hold leaks", evidence: [{ description: "wet", steps_to_duplicate: ["look"] }] };
    const feature = {
      title: "Sail by night",
      user_story: "As a captain I want to sail by night",
      acceptance_criteria: ["lights work"],
    };
    const path = "/api/v1/tracker/voyage";
    expect((await person.post(`${path}/task`, task)).body).toMatchObject({ record_id: "VOY-TSK-001" });
    expect((await agent.post(`${path}/issue`, issue)).body).toMatchObject({ record_id: "VOY-ISS-001" });
    expect((await person.post(`${path}/feature`, feature)).body).toMatchObject({ record_id: "VOY-FTR-001" });
    const { body } = await agent.get(`${path}?view=summary`);
    expect((body.records as { item_id: string }[]).map(({ item_id }) => item_id)).toEqual([
      "VOY-FTR-001",
      "VOY-ISS-001",
      "voyage",
      "VOY-TSK-001",
    ]);
  });

  it("let one agent at a time have the task", async () => {
    const claude = { provider: "claude", session_id: "claude-1" };
    const grant = await agent.post(`${TASK}/checkout`, claude);
    expect(grant.body).toMatchObject({ checkout: true, active_agent_session_id: "claude-1", lease: { fence: 1 } });
    const second = await agent.post(`${TASK}/checkout`, { provider: "codex", session_id: "codex-1" });
    expect([second.status, second.body.error]).toEqual([409, expect.stringContaining("claude-1")]);
    const write = await agent.post(`${TASK}/log`, { provider: "codex", description: "mine" });
    expect(write.status).toBe(409);
    expect((await agent.post(`${TASK}/log`, { ...claude, description: "began" })).status).toBe(200);
  });

  it("move the task through its life, each gate with its evidence", async () => {
    const claude = { provider: "claude", session_id: "claude-1" };
    const move = (value: string, transition_evidence?: object) =>
      agent.patch(TASK, { field: "status", value, transition_evidence, ...claude });
    expect((await move("closed")).body.error).toContain("Invalid status transition");
    const steps: [string, object | undefined, string | undefined][] = [
      ["in-progress", undefined, undefined],
      ["coding-complete", undefined, undefined],
      ["committed", undefined, undefined],
      ["pushed", { commit_sha: "0123456789abcdef0123456789abcdef01234567" }, "commit_sha"],
      ["merged-main", { merge_evidence: "https://example.com/pull/1" }, "merge_evidence"],
      ["deployed", { deployment_ref: "v1.0.0" }, "deployment_ref"],
      ["closed", undefined, undefined],
    ];
    for (const [status, evidence, wanted] of steps) {
      if (wanted) expect((await move(status)).body.error).toContain(wanted);
      const { status: code, body } = await move(status, evidence);
      expect([code, body]).toMatchObject([200, { field: "status", value: status, updated_status: status }]);
    }
    expect(await recordAt(TASK)).toMatchObject({
      status: "closed",
      commit_sha: "0123456789abcdef0123456789abcdef01234567",
      merge_evidence: "https://example.com/pull/1",
      deployment_ref: "v1.0.0",
    });
  });

  it("give the task back, and tell its story", async () => {
    const stranger = { method: "DELETE", body: { provider: "codex", session_id: "codex-1" } };
    expect((await agent.call("DELETE", `${TASK}/checkout`, stranger)).body).toMatchObject({
      error_envelope: { code: "NOT_HOLDER" },
    });
    const release = { body: { provider: "claude", session_id: "claude-1" } };
    expect((await agent.call("DELETE", `${TASK}/checkout`, release)).body).toMatchObject({ checkout: false });
    const { history, active_agent_session } = await recordAt(TASK);
    expect(active_agent_session).toBe(false);
    expect([history.length, history[0]?.status, history.at(-1)?.description]).toEqual([
      11,
      "created",
      expect.stringContaining("Agent session released"),
    ]);
  });

  it("leave a note for the next agent, who clears it", async () => {
    const pending = async () => {
      const { body } = await agent.get("/api/v1/tracker/pending-updates?project=voyage");
      return (body.records as { item_id: string; update: string }[]).map(({ item_id, update }) => [item_id, update]);
    };
    expect(await pending()).toEqual([]);
    expect((await person.patch(ISSUE, { action: "note", note: "Look at the bow first" })).status).toBe(200);
    expect(await pending()).toEqual([["VOY-ISS-001", "Look at the bow first"]]);
    expect((await agent.patch(ISSUE, { field: "update", value: "" })).status).toBe(200);
    expect(await pending()).toEqual([]);
  });

  it("close the issue and open it again", async () => {
    const act = async (action: string) => (await person.patch(ISSUE, { action })).body;
    expect(await act("close")).toMatchObject({ updated_status: "closed" });
    expect(await act("reopen")).toMatchObject({ updated_status: "open" });
    const { status, history } = await recordAt(ISSUE);
    expect([status, ...history.map((note) => note.status).slice(-2)]).toEqual(["open", "close_audit", "reopened"]);
  });

  it("accept the feature when its criterion is shown to be met", async () => {
    const FEATURE = "/api/v1/tracker/voyage/feature/VOY-FTR-001";
    const move = (value: string) => person.patch(FEATURE, { field: "status", value });
    expect((await move("in-progress")).status).toBe(200);
    expect((await move("completed")).body.error).toContain("not all acceptance criteria validated");
    const shown = { criterion_index: 0, evidence: "seen from the shore", evidence_acceptance: true };
    expect((await person.post(`${FEATURE}/acceptance-evidence`, shown)).body).toMatchObject({
      completion_eligible: true,
    });
    expect((await move("completed")).body).toMatchObject({ updated_status: "completed" });
  });

  it("find the project's reference among the documents, and what changes in its file too, without looking for it", async () => {
    const PATIENCE_MS = 60_000;
    const shown = async () =>
      (await agent.get("/api/v1/documents?project=voyage")).body.documents as { version: number }[];
    const [document] = await eventually(shown, ({ length }) => length > 0, PATIENCE_MS);
    expect(document).toMatchObject({ file_name: "voyage-reference.md", created_by: "document-api-sync", version: 1 });

    const { aws, buckets, region } = system.endpoints;
    const s3 = new S3Client({ endpoint: aws.s3, region, credentials: aws, forcePathStyle: true });
    const Body = "# Voyage\n\nTo the end of the world.\n";
    await s3.send(new PutObjectCommand({ Bucket: buckets.assets, Key: "mobile/v1/reference/voyage.md", Body }));
    s3.destroy();
    const [changed] = await eventually(shown, ([first]) => first?.version === 2, PATIENCE_MS);
    const { document_id } = changed as unknown as { document_id: string };
    expect((await person.get(`/api/v1/documents/${document_id}`)).body).toMatchObject({ content: Body, version: 2 });
  });
});

describe("an answer that gets lost", () => {
  it("does not create a record twice for a caller with a key", async () => {
    const { endpoints } = system;
    const count = async () => (await agent.get("/api/v1/tracker/voyage?type=task")).body.count;
    const before = Number(await count());
    const fault = { service: "dynamodb", operation: "TransactWriteItems", match: "Once is once", dropAnswer: true };
    await fetch(`${endpoints.apiUrl}/local/faults`, { method: "POST", body: JSON.stringify(fault) });
    const task = { title: "Once is once", acceptance_criteria: ["one"] };
    const create = () => agent.post("/api/v1/tracker/voyage/task", task, { "Idempotency-Key": "once-is-once" });
    const first = await create();
    const second = await create();
    expect([first.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await count()).toBe(before + 1);
  });
});
