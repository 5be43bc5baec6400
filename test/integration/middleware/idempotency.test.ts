import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { httpFunction } from "@enceladus/middleware/http-function";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { DomainError } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import * as z from "zod";
import { callFunction } from "../../support/call-function.ts";
import {
  actAs,
  callsDuring,
  clearFaults,
  directDynamodb,
  injectFault,
  realName,
  signIn,
} from "../../support/services.ts";

/** What the operation under test has done, and under which key it was told to do it once. */
const effects: { how: string; onceKey: string | undefined }[] = [];
let behave: (how: string) => Promise<Record<string, unknown>>;

const answers = { 201: { description: "Done", schema: z.object({}) } };

const shared = {
  tag: "things",
  summary: "Makes a thing",
  auth: ["cookie"] as const,
  scope: "projects:write" as const,
  params: z.object({ id: z.string() }),
  body: z.object({ how: z.string() }),
  responses: answers,
};

const once = operation({
  ...shared,
  id: "makeOnce",
  method: "POST",
  path: "/api/v1/once/{id}",
  alias: "/api/v1/uno/{id}",
  handler: async ({ body, onceKey }) => {
    effects.push({ how: body.how, onceKey });
    const { status = 201, ...made } = await behave(body.how);
    return reply(Number(status), { success: true, number: effects.length, ...made }, { ETag: '"1"' });
  },
});

const another = operation({
  ...shared,
  id: "makeAnother",
  method: "PUT",
  path: "/api/v1/once/{id}",
  handler: once.handler as never,
});
const often = operation({
  ...shared,
  id: "makeOften",
  method: "POST",
  path: "/api/v1/often/{id}",
  idempotencyKey: "ignored",
  handler: once.handler as never,
});

const handler = httpFunction([once, another, often]);

interface Call {
  key?: string;
  how?: string;
  body?: unknown;
  method?: string;
  path?: string;
  person?: 0 | 1;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  remainingMs?: number;
}

function call({
  key,
  how = "well",
  body = { how },
  method = "POST",
  path = "/api/v1/once/a",
  person = 0,
  query,
  headers: more,
  remainingMs,
}: Call) {
  const headers = { cookie: signIn(person), ...(key !== undefined && { "Idempotency-Key": key }), ...more };
  return callFunction<{ success: boolean; number: number; error_envelope?: { code: string; retryable: boolean } }>(
    handler,
    { method, path, headers, body, ...(query && { query }) },
    remainingMs,
  );
}

/** The same request again and again until the first one has been answered. */
async function callUntilAnswered(request: Call) {
  for (;;) {
    const answer = await call(request);
    if (answer.body.error_envelope?.code !== "IDEMPOTENCY_IN_FLIGHT") return answer;
    await wait(20);
  }
}

beforeAll(() => actAs("projectService"));

beforeEach(() => {
  effects.length = 0;
  behave = async () => ({});
});

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

describe("a request with an Idempotency-Key", () => {
  it("is carried out once; a repeat gets the first answer, byte for byte", async () => {
    const key = randomUUID();
    const first = await call({ key });
    expect(first).toMatchObject({ status: 201, body: { success: true, number: 1 } });
    expect(first.headers).not.toHaveProperty("Idempotency-Replayed");
    const second = await call({ key });
    expect(second.text).toBe(first.text);
    expect(second.status).toBe(201);
    expect(second.headers).toEqual({ ...first.headers, "Idempotency-Replayed": "true" });
    expect(effects).toHaveLength(1);
  });

  it("is the same request whatever the order of its fields and however its path is spelt", async () => {
    const key = randomUUID();
    await call({ key, body: '{"how": "well", "more": {"a": 1, "b": 2}}' });
    for (const path of ["/api/v1/once/a", "/once/a", "/api/v1/uno/a", "/api/v1/once/%61"]) {
      const again = await call({ key, path, body: '{"more": {"b": 2, "a": 1}, "how": "well"}' });
      expect(again.headers["Idempotency-Replayed"]).toBe("true");
    }
    expect(effects).toHaveLength(1);
  });

  it.each([
    ["another body", { how: "otherwise" }],
    ["another query", { query: { a: "1" } }],
    ["another If-Match", { headers: { "If-Match": '"8"', "X-Lease-Fence": "3" } }],
    ["another fence", { headers: { "If-Match": '"7"', "X-Lease-Fence": "4" } }],
    ["no If-Match", { headers: { "X-Lease-Fence": "3" } }],
  ])("is refused with %s under the same key", async (_, change) => {
    const key = randomUUID();
    const conditions = { "If-Match": '"7"', "X-Lease-Fence": "3" };
    await call({ key, headers: conditions });
    expect((await call({ key, headers: conditions })).headers["Idempotency-Replayed"]).toBe("true");
    const answer = await call({ key, ...change });
    expect(answer.status).toBe(422);
    expect(answer.body.error_envelope).toMatchObject({ code: "IDEMPOTENCY_MISMATCH", retryable: false });
    expect(effects).toHaveLength(1);
  });

  it.each([
    ["person", { person: 1 as const }],
    ["path", { path: "/api/v1/once/b" }],
    ["method", { method: "PUT" }],
  ])("is another request for another %s", async (_, change) => {
    const key = randomUUID();
    await call({ key });
    expect((await call({ key, ...change })).status).toBe(201);
    expect(effects).toHaveLength(2);
    expect(new Set(effects.map(({ onceKey }) => onceKey)).size).toBe(2);
  });

  it("may carry the key in its body, as older clients do", async () => {
    const idempotency_key = randomUUID();
    const first = await call({ body: { how: "well", idempotency_key } });
    const again = [
      await call({ body: { how: "well", idempotency_key } }),
      await call({ key: idempotency_key }),
      await call({ key: idempotency_key, body: { how: "well", idempotency_key } }),
    ];
    expect(again.map(({ text }) => text)).toEqual([first.text, first.text, first.text]);
    expect(effects).toHaveLength(1);
  });

  it("is told that the first one is still running", async () => {
    const key = randomUUID();
    let finish = () => {};
    behave = () =>
      new Promise((resolve) => {
        finish = () => resolve({});
      });
    const first = call({ key });
    while (effects.length === 0) await wait(5);
    const second = await call({ key });
    expect(second.status).toBe(409);
    expect(second.body.error_envelope).toMatchObject({ code: "IDEMPOTENCY_IN_FLIGHT", retryable: true });
    expect(Number(second.headers["Retry-After"])).toBeGreaterThan(0);
    finish();
    expect((await callUntilAnswered({ key })).text).toBe((await first).text);
  });

  it("sent twenty times at once has one effect and one answer", async () => {
    behave = async () => {
      await wait(30);
      return {};
    };
    const key = randomUUID();
    const all = await Promise.all(Array.from({ length: 20 }, () => callUntilAnswered({ key })));
    expect(effects).toHaveLength(1);
    expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(all.filter(({ headers }) => headers["Idempotency-Replayed"] === undefined)).toHaveLength(1);
  });

  it.each([
    ["empty", ""],
    ["too long", "k".repeat(129)],
    ["not ASCII", "schlüssel"],
    ["with a line break", "a\nb"],
  ])("is refused when the key is %s", async (_, key) => {
    expect((await call({ key })).status).toBe(400);
    expect((await call({ body: { how: "well", idempotency_key: key } })).status).toBe(400);
    expect(effects).toHaveLength(0);
  });

  it("is refused when header and body name different keys, or the body's is no text", async () => {
    expect((await call({ key: "a", body: { how: "well", idempotency_key: "b" } })).status).toBe(400);
    expect((await call({ body: { how: "well", idempotency_key: 7 } })).status).toBe(400);
    expect((await call({ body: { how: "well", idempotency_key: null } })).status).toBe(201);
  });
});

describe("the answer that is kept", () => {
  it("has the headers of the first one, its entity tag among them", async () => {
    const key = randomUUID();
    await call({ key });
    expect((await call({ key })).headers.ETag).toBe('"1"');
  });

  it("may be a refusal of what the request is made to depend on", async () => {
    const request = { key: randomUUID(), headers: { "If-Match": "seven" } };
    const first = await call(request);
    expect(first.status).toBe(400);
    const again = await call(request);
    expect(again.text).toBe(first.text);
    expect(again.headers["Idempotency-Replayed"]).toBe("true");
    expect(effects).toHaveLength(0);
  });

  it("may be a refusal of the operation, or of the body", async () => {
    behave = async () => {
      throw new DomainError("CONFLICT", "No.", { holder: "x", next_action: "Wait." }, { retryAfterSeconds: 7 });
    };
    for (const request of [{ key: randomUUID() }, { key: randomUUID(), body: { how: 5 } }]) {
      const first = await call(request);
      const again = await call(request);
      expect([409, 400]).toContain(first.status);
      expect(again).toMatchObject({ status: first.status, text: first.text });
      expect(again.headers).toEqual({ ...first.headers, "Idempotency-Replayed": "true" });
    }
    expect(effects).toHaveLength(1);
  });

  it("is never a failure of ours: the request may be made again", async () => {
    jest.spyOn(log(), "error").mockImplementation(() => {});
    const key = randomUUID();
    behave = async () => {
      throw new Error("by chance");
    };
    expect((await call({ key })).status).toBe(500);
    behave = async () => {
      throw new DomainError("UNAVAILABLE", "Later.");
    };
    expect((await call({ key })).status).toBe(503);
    behave = async () => ({ status: 502 });
    expect((await call({ key })).status).toBe(502);
    behave = async () => ({});
    expect((await call({ key })).status).toBe(201);
    expect(effects).toHaveLength(4);
    expect(new Set(effects.map(({ onceKey }) => onceKey)).size).toBe(1);
  });

  it("may be long", async () => {
    behave = async () => ({ text: "a long answer ".repeat(80_000) });
    const key = randomUUID();
    const first = await call({ key });
    expect(first.text.length).toBeGreaterThan(1_000_000);
    expect((await call({ key })).text === first.text).toBe(true);
  });

  it("is missing where it was too long to be kept, but nothing is done twice", async () => {
    behave = async () => ({ text: randomBytes(400_000).toString("hex") });
    const key = randomUUID();
    expect((await call({ key })).status).toBe(201);
    const again = await call({ key });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ first_status: 201, next_action: expect.any(String) });
    expect(effects).toHaveLength(1);
  });

  it("is forgotten after a day", async () => {
    const key = randomUUID();
    await call({ key });
    await changeRows(effects[0]?.onceKey, "SET expires_at = :past", { ":past": Math.floor(Date.now() / 1000) - 1 });
    expect((await call({ key, how: "otherwise" })).status).toBe(201);
    expect(effects).toHaveLength(2);
    const { Items = [] } = await directDynamodb.send(new ScanCommand({ TableName: realName("tables", "idempotency") }));
    const row = Items.find(({ id }) => id === effects[1]?.onceKey);
    expect(row?.expires_at).toBeGreaterThan(Date.now() / 1000 + 86_000);
  });
});

function changeRows(
  id: string | undefined,
  UpdateExpression: string,
  ExpressionAttributeValues: Record<string, unknown>,
) {
  const TableName = realName("tables", "idempotency");
  return directDynamodb.send(
    new UpdateCommand({ TableName, Key: { id }, UpdateExpression, ExpressionAttributeValues }),
  );
}

it("an answer is replayed also long after the function that gave it has ended", async () => {
  const key = randomUUID();
  const first = await call({ key, remainingMs: 1 });
  await wait(20);
  expect((await call({ key })).text).toBe(first.text);
  expect(effects).toHaveLength(1);
});

describe("a run that never answers", () => {
  it("is taken over by the same request once its function has ended, and its late answer changes nothing", async () => {
    const key = randomUUID();
    let finishLate = () => {};
    behave = (how) =>
      new Promise((resolve) => {
        finishLate = () => resolve({ how, late: true });
      });
    const late = call({ key, remainingMs: 150 });
    while (effects.length === 0) await wait(5);
    behave = async () => ({});
    expect((await call({ key })).status).toBe(409);
    await wait(160);
    expect((await call({ key, how: "otherwise" })).status).toBe(422);
    const taken = await call({ key });
    expect(taken).toMatchObject({ status: 201, body: { number: 2 } });
    expect(effects[1]?.onceKey).toBe(effects[0]?.onceKey);
    finishLate();
    await late;
    expect((await call({ key })).text).toBe(taken.text);
  });
});

describe("when the store of keys fails", () => {
  it("nothing is done that cannot be checked", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", error: "AccessDeniedException" });
    const key = randomUUID();
    const answer = await call({ key });
    expect(answer.status).toBe(503);
    expect(answer.body.error_envelope).toMatchObject({ code: "UPSTREAM_ERROR", retryable: true });
    expect(answer.headers["Retry-After"]).toBe("1");
    expect(effects).toHaveLength(0);
    expect((await call({ key })).status).toBe(201);
  });

  it("a claim whose answer was lost is given back", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", dropAnswer: true, times: 5 });
    const key = randomUUID();
    expect((await call({ key })).status).toBe(503);
    expect((await call({ key })).status).toBe(201);
    expect(effects).toHaveLength(1);
  });

  it("a claim whose answer was lost once is recognised", async () => {
    await injectFault({ service: "dynamodb", operation: "PutItem", dropAnswer: true });
    expect((await call({ key: randomUUID() })).status).toBe(201);
    expect(effects).toHaveLength(1);
  });

  it("an answer that cannot be kept is given all the same, and a repeat waits until the function has ended", async () => {
    const error = jest.spyOn(log(), "error").mockImplementation(() => {});
    await injectFault({ service: "dynamodb", operation: "UpdateItem", error: "AccessDeniedException" });
    const key = randomUUID();
    expect((await call({ key, remainingMs: 300 })).status).toBe(201);
    expect(error).toHaveBeenCalledWith("idempotency_row_not_settled", expect.anything());
    expect((await call({ key })).status).toBe(409);
    expect(effects).toHaveLength(1);
  });
});

describe("without an Idempotency-Key", () => {
  it("every request is carried out, and the store is not asked", async () => {
    const calls = await callsDuring(async () => {
      await call({});
      await call({});
    });
    expect(calls.filter(({ service }) => service === "dynamodb")).toHaveLength(0);
    expect(effects).toEqual([
      { how: "well", onceKey: undefined },
      { how: "well", onceKey: undefined },
    ]);
  });

  it("nor is it asked by operations that ignore the key", async () => {
    const calls = await callsDuring(async () => {
      await call({ key: "a", path: "/api/v1/often/a" });
      await call({ key: "a", path: "/api/v1/often/a" });
    });
    expect(calls.filter(({ service }) => service === "dynamodb")).toHaveLength(0);
    expect(effects).toEqual([
      { how: "well", onceKey: undefined },
      { how: "well", onceKey: undefined },
    ]);
  });
});
