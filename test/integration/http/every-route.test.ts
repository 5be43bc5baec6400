import type { Credential } from "@enceladus/middleware/operation";
import type { GatewayResponse } from "@enceladus/middleware/reply";
import { GRANTABLE_SCOPES } from "@enceladus/shared/scopes";
import { describe, expect, it } from "@jest/globals";
import { type EventParts, gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { issueKey } from "../../support/agent-keys.ts";
import { waysToSend } from "../../support/cookie-ways.ts";
import { type DeclaredRoute, declaredRoutes } from "../../support/declared-routes.ts";
import { services, signIn } from "../../support/services.ts";

const routes = await declaredRoutes();
const byCookie = routes.filter(({ auth }) => auth.includes("cookie"));
const bySession = routes.filter(({ auth }) => auth === "session");
const [, idToken = ""] = signIn().split("=");
const refreshToken = encodeURIComponent(services.users[0]?.refreshToken ?? "");

function call({ handler, method, path }: DeclaredRoute, parts: Partial<EventParts>): Promise<GatewayResponse> {
  // All projects of all tests are many, and each costs a query.
  const query = method === "GET" && path === "/api/v1/projects" ? { limit: "1" } : undefined;
  return handler(gatewayEvent({ method, path, ...(query && { query }), ...parts }), { awsRequestId: "none" });
}

/** What may differ between two refusals is the id of the request alone. */
function refusalOf({ statusCode, headers, body, cookies }: GatewayResponse) {
  const { "X-Request-Id": requestId, ...rest } = headers;
  expect(requestId).toMatch(/./);
  return { statusCode, headers: rest, body, cookies };
}

/** Credentials that nobody accepts, each in all the ways of saying so. */
const BAD: Readonly<Record<string, Partial<EventParts>>> = {
  "no credential": {},
  "a token that is none": { headers: { cookie: "enceladus_id_token=garbage" } },
  "a token that is none, in the event's list": { cookies: ["enceladus_id_token=garbage"] },
  "a bad token before a good one": { headers: { cookie: `enceladus_id_token=garbage; enceladus_id_token=${idToken}` } },
  "a bad token in the header, a good one in the list": {
    headers: { cookie: "enceladus_id_token=garbage" },
    cookies: [`enceladus_id_token=${idToken}`],
  },
  "a good token with its last part cut": { headers: { cookie: `enceladus_id_token=${idToken.slice(0, -20)}` } },
  "a token of 64 KB": { headers: { cookie: `enceladus_id_token=${"x".repeat(65_536)}` } },
  "a key of 64 KB": { headers: { "X-Coordination-Internal-Key": "x".repeat(65_536) } },
  "a bearer token of 64 KB": { headers: { Authorization: `Bearer ${"x".repeat(65_536)}` } },
  "an id token as a bearer": { headers: { Authorization: `Bearer ${idToken}` } },
  "an id token as a key": { headers: { "X-Coordination-Internal-Key": idToken } },
  "a broken cookie": { headers: { cookie: "enceladus_id_token=%E0%A4%A; =;;" } },
};

describe("every route of the resolved configuration", () => {
  it("is among those under test", () => {
    expect(routes.length).toBeGreaterThanOrEqual(15);
    expect(byCookie.length + bySession.length).toBe(routes.filter(({ auth }) => auth !== "public").length);
  });
});

describe.each(byCookie)("F3: $title", (route) => {
  it("finds the session cookie in whatever way it comes", async () => {
    for (const [way, parts] of Object.entries(waysToSend("enceladus_id_token", idToken))) {
      const { statusCode } = await call(route, parts);
      expect([way, statusCode, statusCode < 500 && statusCode !== 401]).toEqual([way, statusCode, true]);
    }
  });
});

describe.each(bySession)("F3: $title", (route) => {
  it("finds the refresh cookie in whatever way it comes", async () => {
    // Revoking would end the session after the first way; what it answers without a token is tested with the function.
    const parts = Object.entries(waysToSend("enceladus_refresh_token", refreshToken));
    const reads = route.path.endsWith("/refresh") ? parts : [];
    for (const [way, each] of reads) expect([way, (await call(route, each)).statusCode]).toEqual([way, 200]);
    expect(await call(route, { method: "OPTIONS" })).toMatchObject({ statusCode: 204, body: "" });
  });
});

/** A key of an agent that may do everything, everywhere; and the internal key. */
const agentKey = (await issueKey({ scopes: [...GRANTABLE_SCOPES], projects: ["*"] })).secret;
const { internalKey } = services;

/** What a key may be sent as. */
const WAYS_OF_KEYS: readonly [credential: Credential, headers: Record<string, string>][] = [
  ["internal-key", { "X-Coordination-Internal-Key": internalKey }],
  ["internal-key", { "x-coordination-internal-key": internalKey }],
  ["internal-key", { "X-COORDINATION-INTERNAL-KEY": internalKey, cookie: "enceladus_id_token=garbage" }],
  ["agent-key", { "X-Coordination-Internal-Key": agentKey }],
  ["agent-key", { "X-COORDINATION-internal-key": agentKey, cookie: "enceladus_id_token=garbage" }],
  ["agent-key", { Authorization: `Bearer ${agentKey}` }],
  ["agent-key", { AUTHORIZATION: `bearer ${agentKey}`, "x-coordination-internal-key": "wrong" }],
];

describe.each(routes.filter(({ auth }) => auth !== "session"))("a key at $title", (route) => {
  it("is found in headers of any case, and good only where it is accepted", async () => {
    for (const [credential, headers] of WAYS_OF_KEYS) {
      const { statusCode } = await call(route, { headers });
      const way = JSON.stringify(Object.keys(headers));
      const isLetIn = statusCode < 500 && statusCode !== 401 && statusCode !== 403;
      expect([way, statusCode, isLetIn]).toEqual([way, statusCode, route.auth.includes(credential)]);
    }
  });

  it("is no good with a character more or less", async () => {
    for (const key of [internalKey, agentKey]) {
      for (const spoilt of [`${key}x`, key.slice(0, -1), `x${key}`, key.toLowerCase().replace("enc_", "ENC_")]) {
        const headers = { "X-Coordination-Internal-Key": spoilt, Authorization: `Bearer ${spoilt}` };
        expect(await call(route, { headers })).toMatchObject({ statusCode: 401 });
      }
    }
  });
});

describe("F10: reads and writes refuse a bad credential alike", () => {
  it.each(Object.entries(BAD))("%s: the same status, headers and body on every route and method", async (_, parts) => {
    const [first, ...others] = await Promise.all(
      byCookie.map(async (route) => ({ title: route.title, ...refusalOf(await call(route, parts)) })),
    );
    expect(first).toMatchObject({
      statusCode: 401,
      headers: { "Cache-Control": "no-store", "Content-Type": "application/json", Vary: "Origin" },
    });
    for (const other of others) expect(other).toEqual({ ...first, title: other.title });
  });

  it("also for methods that a path does not have", async () => {
    const parts = { headers: { cookie: "enceladus_id_token=garbage" } };
    for (const route of byCookie) {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"]) {
        const { statusCode } = await call(route, { ...parts, method });
        expect([route.title, method, statusCode]).toEqual([route.title, method, 401]);
      }
    }
  });
});

describe("F9: whatever a route answers about who may call is kept by no cache", () => {
  it.each(routes)("$title", async (route) => {
    for (const parts of [{}, { cookies: [`enceladus_id_token=${idToken}`] }, { method: "PUT" }]) {
      expect((await call(route, parts)).headers).toMatchObject({ "Cache-Control": "no-store" });
    }
  });
});
