import { parseAgentKey } from "@enceladus/shared/agent-key";
import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { handler } from "../../../functions/agent-keys/handler.ts";
import { type AnsweredKey, byKey, deleteKey, getKeys, issueKey, postKey, storedKey } from "../../support/agent-keys.ts";
import { callFunction } from "../../support/call-function.ts";
import { moveClock } from "../../support/clock.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, injectFault, services, signIn } from "../../support/services.ts";

let project: string;

beforeAll(async () => {
  actAs("agentKeys");
  project = (await makeProject()).project_id;
});

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

const request = (more: object = {}) => ({ agent: "claude", scopes: ["tracker:read"], projects: [project], ...more });

/** The subject of a person's token. */
function subjectOf(cookie: string): string {
  const [, payload = ""] = cookie.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")).sub;
}

describe("a new key", () => {
  it("is shown once, whole, and may not be cached", async () => {
    const answer = await postKey(request({ expires_in_days: 7 }));
    expect(answer.status).toBe(201);
    expect(answer.headers["Cache-Control"]).toBe("no-store");
    const { key, secret } = answer.body;
    expect(answer.body).toEqual({
      success: true,
      key: {
        id: expect.stringMatching(/^[0-9A-Z]{26}$/),
        ...request(),
        created_at: expect.any(String),
        created_by: subjectOf(signIn()),
        expires_at: expect.any(String),
      },
      secret: expect.stringMatching(/^enc_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/),
    });
    expect(parseAgentKey(secret)?.id).toBe(key.id);
    expect(Date.parse(key.expires_at) - Date.parse(key.created_at)).toBe(7 * 86_400_000);
  });

  it("is stored as a hash: nothing that is stored opens anything", async () => {
    const { key, secret } = await issueKey(request());
    const row = await storedKey(key.id);
    expect(row).toMatchObject({ ...key, secret_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(row)).not.toContain(String(parseAgentKey(secret)?.secret));
  });

  it("is good for 90 days where nothing else is said, and for every project where `*` is", async () => {
    const { key } = await issueKey({ scopes: ["tracker:*", "feed:read"], projects: ["*"] });
    expect(key).toMatchObject({ scopes: ["tracker:*", "feed:read"], projects: ["*"] });
    expect(Date.parse(key.expires_at) - Date.parse(key.created_at)).toBe(90 * 86_400_000);
  });

  it("is refused with every fault at once", async () => {
    const wrong = { agent: "internal-key", scopes: ["tracker:all"], projects: ["*", "a"], expires_in_days: 0 };
    const { status, body } = await postKey(wrong);
    expect([status, body.error_envelope.code]).toEqual([400, "INVALID_INPUT"]);
    const { fields = [] } = body.error_envelope.details;
    expect(fields.map(({ field }) => field)).toEqual(["agent", "scopes", "projects", "expires_in_days"]);
    expect(body.error).toContain("'tracker:all'");
    expect(body.error).toContain("tracker:read, tracker:write");
  });

  it("is refused for projects that are not there, which it names", async () => {
    const [one, two] = [anyName(), "No Such Project"];
    const { status, body } = await postKey(request({ projects: [one, project, two] }));
    expect([status, body.error]).toEqual([400, `projects: not found: '${one}', '${two}'`]);
    expect(body.error_envelope.details.fields).toMatchObject([{ field: "projects" }]);
  });

  it("is not made while it cannot be told whether its projects are there", async () => {
    const other = (await makeProject()).project_id;
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" });
    const { status, body } = await postKey(request({ projects: [other] }));
    expect([status, body.error_envelope]).toEqual([500, expect.objectContaining({ retryable: true })]);
  });

  it("is issued where only the answer to its write got lost once", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", dropAnswer: true });
    expect((await postKey(request())).status).toBe(201);
  });

  it("is another one for each request: an Idempotency-Key is ignored, since the answer must not be kept", async () => {
    const headers = { "Idempotency-Key": anyName() };
    const [first, second] = [await postKey(request(), headers), await postKey(request(), headers)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.key.id).not.toBe(first.body.key.id);
    expect(second.headers).not.toHaveProperty("Idempotency-Replayed");
  });
});

describe("the list of keys", () => {
  async function pages(limit: string): Promise<AnsweredKey[][]> {
    const found: AnsweredKey[][] = [];
    for (let cursor: string | undefined; ; ) {
      const { status, body } = await getKeys({ limit, ...(cursor && { cursor }) });
      expect(status).toBe(200);
      found.push(body.keys);
      cursor = body.next_cursor;
      if (cursor === undefined) return found;
    }
  }

  it("has every key, the newest first, without secrets and hashes", async () => {
    const first = await issueKey(request());
    const second = await issueKey(request({ agent: "codex" }));
    const { status, headers, text, body } = await getKeys();
    expect([status, headers["Cache-Control"]]).toEqual([200, "no-store"]);
    const ids = body.keys.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ids.indexOf(second.key.id)).toBeLessThan(ids.indexOf(first.key.id));
    expect(body.keys.find(({ id }) => id === second.key.id)).toEqual({
      ...second.key,
      last_used_at: null,
      revoked_at: null,
    });
    for (const { secret, key } of [first, second]) {
      expect(text).not.toContain(secret.slice(-43));
      expect(text).not.toContain(String((await storedKey(key.id))?.secret_sha256));
    }
  });

  it("comes in pages, each key once", async () => {
    for (let count = 0; count < 5; count += 1) await issueKey(request());
    const found = await pages("2");
    const ids = found.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(found.slice(0, -1).every((page) => page.length === 2)).toBe(true);
  });

  it("refuses a limit and a cursor that are none", async () => {
    const cursor = Buffer.from(JSON.stringify({ s: "x", p: { after: "x" } })).toString("base64url");
    const refused: Record<string, string>[] = [{ limit: "0" }, { limit: "1001" }, { limit: "many" }, { cursor }];
    for (const query of refused) expect((await getKeys(query)).status).toBe(400);
  });
});

describe("revoking a key", () => {
  it("answers since when it is revoked, and the same again", async () => {
    const { key } = await issueKey(request());
    const first = await deleteKey(key.id);
    expect([first.status, first.body]).toEqual([200, { success: true, id: key.id, revoked_at: expect.any(String) }]);
    const { revoked_at } = first.body;
    expect(await storedKey(key.id)).toMatchObject({ revoked_at });
    moveClock(5_000);
    expect((await deleteKey(key.id)).text).toBe(first.text);
    const listed = (await getKeys()).body.keys.find(({ id }) => id === key.id);
    expect(listed).toMatchObject({ revoked_at });
  });

  it("twice at once happens once", async () => {
    const { key } = await issueKey(request());
    const answers = await Promise.all(Array.from({ length: 10 }, () => deleteKey(key.id)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });

  it.each(["01M82QV7SBCSQ9NYN8GYQBZGAJ", "x", "enc_", "%E0%A4%A", "constructor"])(
    "is a 404 for an id that nobody has, and leaves nothing behind: %s",
    async (id) => {
      const { status, body } = await deleteKey(id);
      expect([status, body.error_envelope.code]).toEqual([404, "NOT_FOUND"]);
      expect(await storedKey(id)).toBeUndefined();
    },
  );
});

describe("keys are managed by people", () => {
  const calls = [
    ["POST", ""],
    ["GET", ""],
    ["DELETE", "/01M82QV7SBCSQ9NYN8GYQBZGAJ"],
  ] as const;

  it.each(calls)("and by no key: %s /agents/keys%s", async (method, path) => {
    const { secret } = await issueKey({ scopes: ["tracker:*", "governance:*"], projects: ["*"] });
    const keys = [byKey(secret), { "X-Coordination-Internal-Key": secret }];
    for (const headers of [...keys, { "X-Coordination-Internal-Key": services.internalKey }, {}]) {
      const answer = await callFunction(handler, {
        method,
        path: `/api/v1/agents/keys${path}`,
        headers,
        body: request(),
      });
      expect(answer.status).toBe(401);
    }
  });
});
