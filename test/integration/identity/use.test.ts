import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { forgetAgentKeys } from "@enceladus/shared/agent-key-lookup";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { handler as notFound } from "../../../functions/not-found/handler.ts";
import { byKey, deleteKey, getKeys, issueKey, storedKey } from "../../support/agent-keys.ts";
import { callFunction } from "../../support/call-function.ts";
import { moveClock } from "../../support/clock.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring, clearFaults, directDynamodb, injectFault, realName, signIn } from "../../support/services.ts";
import { call, create, LEAST, pathOf } from "../../support/tracker-api.ts";
import { chainOf, stored } from "../../support/tracker-rows.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let project: string;
let task: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  task = await create(project, "task");
});

beforeEach(forgetAgentKeys);

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

type Headers = Record<string, string>;

/** Reads a task with what an agent presents. */
const get = (headers: Headers) => call("GET", pathOf(project, task), undefined, { as: "stranger", headers });
const statusOf = async (headers: Headers) => (await get(headers)).status;

/** The AWS calls about keys that some work has made. */
async function keyCalls(work: () => Promise<unknown>): Promise<string[]> {
  const calls = await callsDuring(work);
  return calls.filter(({ request }) => JSON.stringify(request).includes("agent-keys")).map((one) => one.operation);
}

/** Takes the row of a key away, as only an operator can. */
const remove = (id: string) =>
  directDynamodb.send(new DeleteCommand({ TableName: realName("tables", "agent-keys"), Key: { id } }));

async function expectRefused(headers: Headers): Promise<void> {
  const { status, body } = await get(headers);
  expect([status, body.error]).toEqual([401, "Authentication required. Please sign in."]);
  expect(body.error_envelope).toEqual({
    code: "PERMISSION_DENIED",
    message: body.error,
    retryable: false,
    details: {},
  });
}

describe("an agent presents its key", () => {
  it.each<[string, (secret: string) => Headers]>([
    ["as a bearer", (secret) => ({ Authorization: `Bearer ${secret}` })],
    ["as a bearer in small letters", (secret) => ({ authorization: `bearer ${secret}` })],
    ["as a bearer in capitals, after several blanks", (secret) => ({ AUTHORIZATION: `BEARER   ${secret}` })],
    ["in the header of keys", (secret) => ({ "X-Coordination-Internal-Key": secret })],
    ["in the header of keys, in capitals", (secret) => ({ "X-COORDINATION-INTERNAL-KEY": secret })],
    ["beside a wrong internal key", (secret) => ({ ...byKey(secret), "X-Coordination-Internal-Key": "wrong" })],
    ["beside a malformed one", (secret) => ({ ...byKey(secret), "X-Coordination-Internal-Key": "enc_x" })],
    ["beside a bad cookie", (secret) => ({ ...byKey(secret), cookie: "enceladus_id_token=garbage" })],
    ["from any origin", (secret) => ({ ...byKey(secret), origin: "https://evil.example.com" })],
  ])("%s", async (_way, headers) => {
    const { secret } = await issueKey();
    expect(await statusOf(headers(secret))).toBe(200);
  });

  it("also where no function serves the path", async () => {
    const { secret } = await issueKey({ scopes: ["feed:read"] });
    const answer = await callFunction(notFound, { method: "GET", path: "/api/v1/no/such", headers: byKey(secret) });
    expect(answer.status).toBe(404);
  });

  it.each<[string, (secret: string) => Headers]>([
    ["without a scheme", (secret) => ({ Authorization: secret })],
    ["with another scheme", (secret) => ({ Authorization: `Basic ${secret}` })],
    ["with something behind it", (secret) => ({ Authorization: `Bearer ${secret} x` })],
    ["twice in one header", (secret) => ({ Authorization: `Bearer ${secret},Bearer ${secret}` })],
    ["with its first letters in capitals", (secret) => byKey(secret.replace("enc_", "ENC_"))],
    ["cut", (secret) => byKey(secret.slice(0, -1))],
    ["with another secret", (secret) => byKey(secret.slice(0, -43) + "A".repeat(43))],
    ["in a cookie", (secret) => ({ cookie: `enceladus_id_token=; key=${secret}` })],
  ])("in vain %s", async (_way, headers) => {
    const { secret } = await issueKey();
    await expectRefused(headers(secret));
  });
});

it("a key that nobody was given is like no credential, and does not spoil a cookie", async () => {
  const nobodys = byKey(`enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_${"A".repeat(43)}`);
  await expectRefused(nobodys);
  expect(await statusOf({ ...nobodys, cookie: signIn() })).toBe(200);
});

it("the internal key decides before an agent's key does", async () => {
  const { secret } = await issueKey({ scopes: ["tracker:read"] });
  const { body } = await call("POST", `/${project}/task`, LEAST.task, { as: "service", headers: byKey(secret) });
  expect((await stored(project, body.record_id)).write_source).toMatchObject({ principal: "internal-key" });
});

describe("what an agent writes", () => {
  it("carries the name of its key, whatever it says of itself; it cannot choose its channel", async () => {
    const { secret } = await issueKey({ agent: "codex" });
    const claims = { channel: "tracker_cli", provider: "claude", principal: "root", auth_mode: "cognito" };
    const body = { ...LEAST.task, write_source: claims, principal: "root", actor: "root" };
    const asAgent = { as: "stranger", headers: byKey(secret) } as const;
    const { record_id } = (await call("POST", `/${project}/task`, body, asAgent)).body;
    expect((await stored(project, record_id)).write_source).toMatchObject({
      channel: "mutation_api",
      provider: "claude",
      auth_mode: "agent-key",
      principal: "agent:codex",
    });
    await call("PATCH", pathOf(project, record_id), { action: "close", provider: "claude" }, asAgent);
    expect(await chainOf(project, record_id)).toMatchObject([
      { actor: "agent:codex", channel: "mutation_api" },
      { actor: "agent:codex", operation: "close", note: { agent_details: "agent:codex" } },
    ]);
  });

  it("once is once for one key, and not for another of the same agent", async () => {
    const [one, other] = [await issueKey(), await issueKey()];
    const post = async ({ secret }: { secret: string }) => {
      const headers = { ...byKey(secret), "Idempotency-Key": "the same" };
      return (await call("POST", `/${project}/task`, LEAST.task, { as: "stranger", headers })).body.record_id;
    };
    const first = await post(one);
    expect(await post(one)).toBe(first);
    expect(await post(other)).not.toBe(first);
  });
});

describe("a key is over", () => {
  it("within 60 seconds after it was revoked, and still after 60 days", async () => {
    const { key, secret } = await issueKey();
    expect(await statusOf(byKey(secret))).toBe(200);
    expect((await deleteKey(key.id)).status).toBe(200);
    moveClock(59_000);
    await expectRefused(byKey(secret));
    moveClock(60 * 24 * HOUR);
    await expectRefused(byKey(secret));
  });

  it("at once in a container that has not seen it", async () => {
    const { key, secret } = await issueKey();
    await deleteKey(key.id);
    await expectRefused(byKey(secret));
  });

  it("when its days are", async () => {
    const { secret } = await issueKey({ expires_in_days: 1 });
    moveClock(24 * HOUR - 2_000);
    expect(await statusOf(byKey(secret))).toBe(200);
    moveClock(24 * HOUR + 1_000);
    await expectRefused(byKey(secret));
    expect(await statusOf({ ...byKey(secret), cookie: signIn() })).toBe(200);
  });

  it("when its row is gone", async () => {
    const { key, secret } = await issueKey();
    await remove(key.id);
    await expectRefused(byKey(secret));
  });
});

describe("a container looks a key up", () => {
  it("once in 50 seconds", async () => {
    const { secret } = await issueKey();
    expect(await keyCalls(() => get(byKey(secret)))).toEqual(["GetItem", "UpdateItem"]);
    expect(await keyCalls(() => get(byKey(secret)))).toEqual([]);
    moveClock(49_000);
    expect(await keyCalls(() => get(byKey(secret)))).toEqual([]);
    moveClock(51_000);
    expect(await keyCalls(() => get(byKey(secret)))).toEqual(["GetItem"]);
  });

  it("once for requests that come at the same time", async () => {
    const { secret } = await issueKey();
    const calls = await keyCalls(() => Promise.all(Array.from({ length: 20 }, () => get(byKey(secret)))));
    expect(calls).toEqual(["GetItem", "UpdateItem"]);
  });

  it("each time that it is not there, and never where the text cannot be one", async () => {
    const nobodys = byKey(`enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_${"A".repeat(43)}`);
    expect(await keyCalls(async () => [await get(nobodys), await get(nobodys)])).toEqual(["GetItem", "GetItem"]);
    expect(await keyCalls(() => get(byKey("enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_short")))).toEqual([]);
  });

  it("as last written: what was revoked a moment ago is revoked", async () => {
    const { secret } = await issueKey();
    const [call] = (await callsDuring(() => get(byKey(secret)))).filter(({ operation }) => operation === "GetItem");
    expect(call?.request).toMatchObject({ ConsistentRead: true });
  });
});

describe("a database that does not answer", () => {
  const fail = () =>
    injectFault({ service: "dynamodb", operation: "GetItem", match: "agent-keys", error: "AccessDeniedException" });

  it("is a 503 that may be repeated, never a 401 and never an open door", async () => {
    const { secret } = await issueKey();
    await fail();
    const { status, headers, body } = await get(byKey(secret));
    expect([status, headers["Retry-After"]]).toEqual([503, "1"]);
    expect(body.error_envelope).toMatchObject({ code: "UPSTREAM_ERROR", retryable: true, details: {} });
    expect(await statusOf(byKey(secret))).toBe(200);
  });

  it("keeps nobody out who has a valid cookie too, and says the same to a bad one", async () => {
    const { secret } = await issueKey();
    await fail();
    expect(await statusOf({ ...byKey(secret), cookie: signIn() })).toBe(200);
    await fail();
    expect(await statusOf({ ...byKey(secret), cookie: "enceladus_id_token=garbage" })).toBe(503);
  });

  it("does not prolong what a container knows of a key", async () => {
    const { secret } = await issueKey();
    expect(await statusOf(byKey(secret))).toBe(200);
    moveClock(51_000);
    await fail();
    expect(await statusOf(byKey(secret))).toBe(503);
  });
});

describe("the last use of a key", () => {
  /** The middle of an hour, so that no hour begins during a test. */
  const toHalfPast = () => moveClock(HOUR - (Date.now() % HOUR) + HOUR / 2);
  const hour = () => `${new Date(Date.now()).toISOString().slice(0, 13)}:00:00Z`;

  it("is noted to the hour, once an hour, and listed", async () => {
    const { key, secret } = await issueKey();
    toHalfPast();
    expect(await keyCalls(() => get(byKey(secret)))).toContain("UpdateItem");
    expect(await storedKey(key.id)).toMatchObject({ last_used_at: hour() });
    expect((await getKeys()).body.keys.find(({ id }) => id === key.id)).toMatchObject({ last_used_at: hour() });
    forgetAgentKeys();
    expect(await keyCalls(() => get(byKey(secret)))).toEqual(["GetItem"]);
    jest.restoreAllMocks();
    moveClock(2 * HOUR + HOUR / 2);
    expect(await keyCalls(() => get(byKey(secret)))).toEqual(["GetItem", "UpdateItem"]);
    expect(await storedKey(key.id)).toMatchObject({ last_used_at: hour() });
  });

  it("is no condition of the request: a note that fails, or takes too long, is only a note", async () => {
    for (const effect of [{ error: "AccessDeniedException" }, { delayMs: 20_000 }]) {
      const { key, secret } = await issueKey();
      await injectFault({ service: "dynamodb", operation: "UpdateItem", match: "agent-keys", ...effect });
      const startedAt = performance.now();
      expect(await statusOf(byKey(secret))).toBe(200);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(await storedKey(key.id)).not.toHaveProperty("last_used_at");
      expect(await keyCalls(() => get(byKey(secret)))).toEqual([]);
      await clearFaults();
    }
  });

  it("is not noted for a refused key", async () => {
    const { key, secret } = await issueKey();
    await get(byKey(secret.slice(0, -43) + "A".repeat(43)));
    expect(await storedKey(key.id)).not.toHaveProperty("last_used_at");
  });

  it("does not bring a row back that is gone", async () => {
    const { key, secret } = await issueKey();
    const toNextHour = HOUR - (Date.now() % HOUR);
    moveClock(toNextHour - 20_000);
    await get(byKey(secret));
    await remove(key.id);
    moveClock(toNextHour + 20_000);
    // The client takes the moved clock for the reason why the condition failed, and tries again.
    expect(new Set(await keyCalls(() => get(byKey(secret))))).toEqual(new Set(["UpdateItem"]));
    expect(await storedKey(key.id)).toBeUndefined();
  });
});
