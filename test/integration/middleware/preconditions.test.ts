import { httpFunction } from "@enceladus/middleware/http-function";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { notFound } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { callFunction } from "../../support/call-function.ts";
import { signIn } from "../../support/services.ts";

/** What the operations under test were told. */
const told: Preconditions[] = [];

const shared = {
  tag: "things",
  summary: "Does something to a thing",
  auth: ["cookie"] as const,
  scope: "projects:write" as const,
  path: "/api/v1/things/{id}" as const,
  params: z.object({ id: z.string() }),
  responses: { 200: { description: "Done", schema: z.object({}) } },
};

const remember = async ({ preconditions }: { preconditions: Preconditions }) => {
  told.push(preconditions);
  return reply(200, { success: true });
};

const handler = httpFunction([
  operation({ ...shared, id: "readThing", method: "GET", handler: remember }),
  operation({
    ...shared,
    id: "changeThing",
    method: "PATCH",
    body: z.object({ size: z.number() }),
    bodyLimit: 1_000,
    versioned: true,
    fenced: true,
    handler: remember,
  }),
  operation({ ...shared, id: "removeThing", method: "DELETE", handler: remember }),
  operation({
    ...shared,
    id: "changePart",
    method: "PATCH",
    path: "/api/v1/things/{id}/part",
    auth: ["cookie"],
    versioned: true,
    body: z.object({}),
    handler: async () => {
      throw notFound("No such thing.");
    },
  }),
]);

interface Call {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

function call({ method = "PATCH", path = "/api/v1/things/a", headers = {}, body = { size: 1 } }: Call = {}) {
  const parts = { method, path, headers: { cookie: signIn(), ...headers }, ...(method !== "GET" && { body }) };
  return callFunction<{ error: string; error_envelope: { code: string; details: Record<string, unknown> } }>(
    handler,
    parts,
  );
}

beforeEach(() => {
  told.length = 0;
});

afterEach(() => {
  delete process.env.STRICT_CONCURRENCY;
});

describe("an operation that changes something", () => {
  it("is told which versions it may change, and under which lease", async () => {
    const headers = { "If-Match": '"7", W/"8"', "X-Lease-Fence": "3" };
    for (const method of ["PATCH", "DELETE"]) expect((await call({ method, headers })).status).toBe(200);
    expect(told).toEqual(Array(2).fill({ ifMatch: ["7"], fence: 3 }));
  });

  it("is told the fence of the body, though its schema does not know it", async () => {
    expect((await call({ body: { size: 1, fence: 3 } })).status).toBe(200);
    expect((await call({ body: { size: 1, fence: 3 }, headers: { "X-Lease-Fence": "3" } })).status).toBe(200);
    expect(told).toEqual([{ fence: 3 }, { fence: 3 }]);
  });

  it("is told nothing where nothing was said", async () => {
    await call();
    expect(told).toEqual([{}]);
  });

  it.each<[string, Call]>([
    ["an If-Match without quotes", { headers: { "If-Match": "7" } }],
    ["an empty If-Match", { headers: { "If-Match": "" } }],
    ["a fence that is no number", { headers: { "X-Lease-Fence": "many" } }],
    ["a fence that is no number, in the body", { body: { size: 1, fence: "3" } }],
    ["two fences", { headers: { "X-Lease-Fence": "4" }, body: { size: 1, fence: 3 } }],
  ])("is not reached with %s", async (_, request) => {
    const answer = await call(request);
    expect(answer.status).toBe(400);
    expect(answer.body.error_envelope.code).toBe("INVALID_INPUT");
    expect(told).toEqual([]);
  });
});

describe("a read", () => {
  it("depends on nothing", async () => {
    const headers = { "If-Match": "7", "X-Lease-Fence": "many" };
    expect((await call({ method: "GET", headers })).status).toBe(200);
    expect(told).toEqual([{}]);
  });
});

describe("on a stage with strict concurrency", () => {
  beforeEach(() => {
    process.env.STRICT_CONCURRENCY = "true";
  });

  it("a write that does not say for which version it was made is refused, and is told how to say it", async () => {
    const answer = await call();
    expect(answer.status).toBe(428);
    expect(answer.body.error_envelope).toMatchObject({
      code: "PRECONDITION_REQUIRED",
      retryable: false,
      details: { next_action: expect.stringContaining("as If-Match") },
    });
    expect(told).toEqual([]);
  });

  it.each<[string, Call]>([
    ["If-Match", { headers: { "If-Match": '"7"' } }],
    ["If-Match: *", { headers: { "If-Match": "*" } }],
    ["an expected version in the body", { body: { size: 1, expected_version: 7 } }],
  ])("a write with %s passes", async (_, request) => {
    expect((await call(request)).status).toBe(200);
  });

  it("reads and writes of things without versions pass", async () => {
    expect((await call({ method: "GET" })).status).toBe(200);
    expect((await call({ method: "DELETE" })).status).toBe(200);
  });

  it("comes after route, method and body, and before the fields and the thing itself", async () => {
    expect((await call({ path: "/api/v1/other/a" })).status).toBe(404);
    expect((await call({ method: "PUT" })).status).toBe(405);
    expect((await call({ body: "{" })).status).toBe(400);
    expect((await call({ body: { size: "x".repeat(2_000) } })).status).toBe(413);
    expect((await call({ body: { size: "wide" } })).status).toBe(428);
    expect((await call({ path: "/api/v1/things/a/part" })).status).toBe(428);
    expect((await call({ path: "/api/v1/things/a/part", headers: { "If-Match": "*" } })).status).toBe(404);
  });

  it("a repeat under an Idempotency-Key gets the same refusal, and the write needs a key of its own", async () => {
    const key = { "Idempotency-Key": `strict-${Date.now()}` };
    const first = await call({ headers: key });
    const again = await call({ headers: key });
    expect([first.status, again.status, again.text]).toEqual([428, 428, first.text]);
    expect((await call({ headers: { ...key, "If-Match": '"7"' } })).status).toBe(422);
    expect(told).toEqual([]);
  });
});
