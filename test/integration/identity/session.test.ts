import type { GatewayResponse } from "@enceladus/middleware/reply";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type EventParts, gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { logDuring } from "../../support/captured-log.ts";
import { newSession } from "../../support/local-person.ts";
import { actAs, callsDuring, clearFaults, injectFault, services } from "../../support/services.ts";

actAs("authRefresh");
process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

const { handler } = await import("../../../functions/auth-refresh/handler.ts");

const CLEARED_REFRESH = "enceladus_refresh_token=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0";
const CLEARED = [
  "enceladus_id_token=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0",
  "enceladus_session_at=; Path=/enceladus; Secure; SameSite=None; Max-Age=0",
  CLEARED_REFRESH,
];

let refreshToken: string;

beforeEach(async () => {
  const { direct, region, credentials, users } = services;
  const clientId = String(process.env.COGNITO_CLIENT_ID);
  ({ refreshToken } = await newSession({ cognito: direct.cognito, region, credentials, clientId, user: users[0] }));
});

afterEach(clearFaults);

function call(path: "refresh" | "revoke", parts: Partial<EventParts> = {}): Promise<GatewayResponse> {
  const event = gatewayEvent({ method: "POST", path: `/api/v1/auth/${path}`, ...parts });
  return handler(event, { awsRequestId: "none" });
}

const refreshCookie = (token = refreshToken) => ({ cookie: `enceladus_refresh_token=${encodeURIComponent(token)}` });
const refresh = (token?: string) => call("refresh", { headers: refreshCookie(token) });
const revoke = (token?: string) => call("revoke", { headers: refreshCookie(token) });
const bodyOf = ({ body }: GatewayResponse) => JSON.parse(body) as Record<string, unknown>;
const envelopeOf = (response: GatewayResponse) => bodyOf(response).error_envelope;

describe("a refresh", () => {
  it("F6, F7, F12: gives an id token in its cookie, the session clock with it, and no token in the body", async () => {
    const before = Date.now();
    const response = await refresh();
    expect(response).toMatchObject({ statusCode: 200, headers: { "Cache-Control": "no-store" } });
    expect(bodyOf(response)).toEqual({ success: true, expires_in: 3_600 });
    const [idToken = "", sessionAt = "", ...more] = response.cookies ?? [];
    expect(idToken).toMatch(
      /^enceladus_id_token=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Secure; HttpOnly; SameSite=None; Max-Age=3600$/,
    );
    const [, at] = /^enceladus_session_at=(\d{13}); Path=\/enceladus; Secure; SameSite=None; Max-Age=3600$/.exec(
      sessionAt,
    ) ?? [""];
    expect(Number(at)).toBeGreaterThanOrEqual(before);
    expect(Number(at)).toBeLessThanOrEqual(Date.now());
    expect(more).toEqual([]);
  });

  it("gives a token that the API accepts", async () => {
    const { cookies = [] } = await refresh();
    const headers = { cookie: cookies[0]?.split(";")[0] ?? "" };
    const { handler: notFound } = await import("../../../functions/not-found/handler.ts");
    const event = gatewayEvent({ method: "GET", path: "/api/v1/nothing", headers });
    expect(await notFound(event, { awsRequestId: "none" })).toMatchObject({ statusCode: 404 });
  });

  it("is one call of the user pool", async () => {
    const calls = await callsDuring(refresh);
    expect(calls.map(({ operation }) => operation)).toEqual(["InitiateAuth"]);
    expect(calls[0]?.request).toMatchObject({
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: process.env.COGNITO_CLIENT_ID,
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
  });

  it("answers payload 1.0 in its own way", async () => {
    const event = { httpMethod: "POST", path: "/api/v1/auth/refresh", headers: refreshCookie(), body: null };
    const response = await handler(event, { awsRequestId: "none" });
    expect(response.cookies).toBeUndefined();
    expect(response.multiValueHeaders?.["Set-Cookie"]).toHaveLength(2);
  });

  it("reads no body, whatever it is", async () => {
    expect(await call("refresh", { headers: refreshCookie(), body: "{no json" })).toMatchObject({ statusCode: 200 });
  });

  it("F3: finds its cookie in the header of any case and in the event's list", async () => {
    const { cookie } = refreshCookie();
    const ways: Partial<EventParts>[] = [
      { headers: { Cookie: cookie } },
      { headers: { COOKIE: `a=b; ${cookie}` } },
      { cookies: [cookie] },
      { cookies: `a=b; ${cookie}` },
      { multiValueHeaders: { Cookie: ["a=b", cookie] } },
      { headers: { cookie: "a=b" }, cookies: ["c=d", cookie] },
      { headers: { cookie: "enceladus_refresh_token=" }, cookies: [cookie] },
    ];
    for (const parts of ways) expect(await call("refresh", parts)).toMatchObject({ statusCode: 200 });
  });

  it("F13: without a token is a 401 that says so", async () => {
    for (const cookie of ["", "enceladus_refresh_token=", "enceladus_id_token=x"]) {
      const response = await call("refresh", { headers: { cookie } });
      expect(response).toMatchObject({ statusCode: 401, headers: { "Cache-Control": "no-store" } });
      expect(response.cookies).toBeUndefined();
      expect(bodyOf(response)).toMatchObject({ error: "No refresh token. Please sign in again." });
    }
  });

  it("F13: that the pool rejects is a 401 that takes the dead token away, so that no page goes in circles", async () => {
    for (const dead of ["garbage", "x".repeat(20_000)]) {
      const response = await refresh(dead);
      expect(response).toMatchObject({ statusCode: 401, cookies: [CLEARED_REFRESH] });
      expect(bodyOf(response)).toMatchObject({
        error: "refresh_failed",
        error_envelope: { code: "PERMISSION_DENIED", retryable: false },
      });
    }
  });

  it.each([
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "InvalidParameterException",
  ])("F13: is rejected where the pool says %s", async (error) => {
    await injectFault({ service: "cognito", operation: "InitiateAuth", error });
    expect(await refresh()).toMatchObject({ statusCode: 401, cookies: [CLEARED_REFRESH] });
  });

  it.each(["TooManyRequestsException", "InternalErrorException", "ServiceUnavailable", "ForbiddenException"])(
    "F13: logs nobody out where the pool says %s: 503, cookies untouched",
    async (error) => {
      await injectFault({ service: "cognito", operation: "InitiateAuth", error, times: 10 });
      const response = await refresh();
      expect(response).toMatchObject({ statusCode: 503, headers: { "Retry-After": "1", "Cache-Control": "no-store" } });
      expect(response.cookies).toBeUndefined();
      expect(bodyOf(response)).toMatchObject({
        error: "refresh_unavailable",
        error_envelope: { code: "UPSTREAM_ERROR", retryable: true },
      });
    },
  );

  it("survives one hiccup by itself", async () => {
    await injectFault({ service: "cognito", operation: "InitiateAuth", error: "InternalErrorException" });
    expect(await refresh()).toMatchObject({ statusCode: 200 });
  });

  it("is given up after four seconds, and that is a 503", async () => {
    await injectFault({ service: "cognito", operation: "InitiateAuth", delayMs: 20_000, times: 2 });
    const startedAt = Date.now();
    expect(await refresh()).toMatchObject({ statusCode: 503 });
    expect(Date.now() - startedAt).toBeGreaterThan(3_500);
    expect(Date.now() - startedAt).toBeLessThan(8_000);
  });

  it("F2: is a 500, never a 401, where the client is unknown or not configured", async () => {
    const { COGNITO_CLIENT_ID } = process.env;
    try {
      for (const clientId of ["", "no-such-client"]) {
        process.env.COGNITO_CLIENT_ID = clientId;
        const response = await refresh();
        expect(response.statusCode).toBe(500);
        expect(response.cookies).toBeUndefined();
        expect(envelopeOf(response)).toMatchObject({ code: "CONFIGURATION_ERROR", retryable: false });
      }
    } finally {
      process.env.COGNITO_CLIENT_ID = COGNITO_CLIENT_ID;
    }
  });

  it("is refused to a foreign page, and nothing is asked of the pool", async () => {
    for (const foreign of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const calls = await callsDuring(async () => {
        const response = await call("refresh", { headers: { ...refreshCookie(), ...(foreign as object) } });
        expect(response).toMatchObject({ statusCode: 403 });
        expect(response.cookies).toBeUndefined();
      });
      expect(calls).toEqual([]);
    }
  });

  it("is open to a page of the listed origin", async () => {
    const headers = { ...refreshCookie(), origin: "https://app.example.com", "sec-fetch-site": "same-site" };
    process.env.CORS_ORIGIN = "https://app.example.com";
    expect(await call("refresh", { headers })).toMatchObject({ statusCode: 200 });
  });

  it("F14: is counted by its outcome, without a token in the log", async () => {
    const outcomes = async (work: () => Promise<unknown>) => {
      const { lines, text } = await logDuring(work);
      expect(text).not.toContain(refreshToken);
      return lines.filter((line) => "auth_refresh" in line).map(({ outcome }) => outcome);
    };
    expect(await outcomes(refresh)).toEqual(["ok"]);
    expect(await outcomes(() => call("refresh"))).toEqual(["missing"]);
    expect(await outcomes(() => refresh("garbage"))).toEqual(["rejected"]);
    await injectFault({ service: "cognito", operation: "InitiateAuth", error: "TooManyRequestsException", times: 10 });
    expect(await outcomes(refresh)).toEqual(["unavailable"]);
    await clearFaults();
    await injectFault({ service: "cognito", operation: "InitiateAuth", error: "ResourceNotFoundException" });
    expect(await outcomes(refresh)).toEqual(["misconfigured"]);
  });

  it("is good for twenty tabs at once", async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => refresh()));
    expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
  });
});

describe("a revoke", () => {
  it("F6: ends the refresh token at the pool and clears every cookie, each with its own path", async () => {
    const response = await revoke();
    expect(response).toMatchObject({ statusCode: 200, cookies: CLEARED, headers: { "Cache-Control": "no-store" } });
    expect(bodyOf(response)).toEqual({ success: true, revoked: true });
    expect(await refresh()).toMatchObject({ statusCode: 401, cookies: [CLEARED_REFRESH] });
  });

  it("clears the cookies of who has no token, or one that the pool does not know", async () => {
    const response = await call("revoke");
    expect(response).toMatchObject({ statusCode: 200, cookies: CLEARED });
    expect(bodyOf(response)).toEqual({ success: true, revoked: false });
    expect(await revoke("x".repeat(20_000))).toMatchObject({ statusCode: 200, cookies: CLEARED });
  });

  it("can be repeated, by two at once too", async () => {
    for (const response of [...(await Promise.all([revoke(), revoke()])), await revoke()]) {
      expect(response).toMatchObject({ statusCode: 200, cookies: CLEARED });
    }
    expect(await refresh()).toMatchObject({ statusCode: 401 });
  });

  it("signs out here whatever the pool says, and says that it was not told", async () => {
    await injectFault({ service: "cognito", operation: "RevokeToken", error: "InternalErrorException", times: 10 });
    const response = await revoke();
    expect(response).toMatchObject({ statusCode: 200, cookies: CLEARED });
    expect(bodyOf(response)).toEqual({ success: true, revoked: false });
  });

  it("waits three seconds for the pool, not longer", async () => {
    await injectFault({ service: "cognito", operation: "RevokeToken", delayMs: 20_000, times: 2 });
    const startedAt = Date.now();
    expect(bodyOf(await revoke())).toEqual({ success: true, revoked: false });
    expect(Date.now() - startedAt).toBeLessThan(7_000);
  });

  it("is refused to a foreign page, which could sign people out", async () => {
    const response = await call("revoke", { headers: { ...refreshCookie(), origin: "https://evil.example" } });
    expect(response).toMatchObject({ statusCode: 403 });
    expect(response.cookies).toBeUndefined();
    expect(await refresh()).toMatchObject({ statusCode: 200 });
  });
});

describe("any other method on these paths", () => {
  it.each(["GET", "PUT", "PATCH", "DELETE"])("%s is a 405 that names POST, to strangers too", async (method) => {
    const { handler: notFound } = await import("../../../functions/not-found/handler.ts");
    for (const path of ["/api/v1/auth/refresh", "/api/v1/auth/revoke"]) {
      for (const function_ of [handler, notFound]) {
        const response = await function_(gatewayEvent({ method, path }), { awsRequestId: "none" });
        expect(response).toMatchObject({ statusCode: 405, headers: { Allow: "POST, OPTIONS" } });
        expect(bodyOf(response).error).toContain("Use POST");
      }
    }
  });
});
