import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { logDuring } from "../../../support/captured-log.ts";
import { APP_ORIGIN, edgeOf, TokenEndpoint } from "../../../support/edge-caller.ts";
import { FORGED_TOKENS } from "../../../support/forged-tokens.ts";
import { TokenIssuer } from "../../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
const endpoint = await TokenEndpoint.start();
Object.assign(process.env, issuer.environment(), { POWERTOOLS_LOG_LEVEL: "SILENT" });

const edge = edgeOf(issuer, endpoint.url);
const idToken = issuer.token();
const encoded = (text: string) => Buffer.from(text).toString("base64url");

afterAll(() => {
  issuer.stop();
  endpoint.stop();
});

beforeEach(() => {
  endpoint.next = { body: { id_token: idToken, refresh_token: "refresh.token/+=" } };
  endpoint.forms.length = 0;
});

/** The way back from the sign-in pages with a code. */
function comeBack(state?: string, headers: Record<string, string> = {}, uri = "/enceladus/callback") {
  const query = new URLSearchParams({ code: "the-code", ...(state !== undefined && { state }) });
  return edge(uri, { querystring: query.toString(), headers });
}

describe("a callback with a code", () => {
  it("exchanges it and sends the person to where the login began", async () => {
    const { status, location, header } = await comeBack(encoded("/enceladus/projects/alpha?tab=1"));
    expect([status, location, header("cache-control")]).toEqual([302, "/enceladus/projects/alpha?tab=1", "no-store"]);
    expect(endpoint.forms).toEqual([
      {
        grant_type: "authorization_code",
        client_id: issuer.clientId,
        code: "the-code",
        redirect_uri: `${APP_ORIGIN}/enceladus/callback`,
      },
    ]);
  });

  it("F6, F7, F12: sets the cookies of the session, to the letter and in order", async () => {
    const now = Date.now();
    const { cookies } = await edgeOf(issuer, endpoint.url, { now: () => now })("/enceladus/callback", {
      querystring: "code=c",
    });
    expect(cookies).toEqual([
      `enceladus_id_token=${idToken}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=3600`,
      `enceladus_session_at=${now}; Path=/enceladus; Secure; SameSite=None; Max-Age=3600`,
      "enceladus_refresh_token=refresh.token%2F%2B%3D; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=2592000",
    ]);
  });

  it("sets no refresh cookie where the pool gave no refresh token", async () => {
    endpoint.next = { body: { id_token: idToken } };
    expect((await comeBack()).cookies.map((cookie) => cookie.split("=")[0])).toEqual([
      "enceladus_id_token",
      "enceladus_session_at",
    ]);
  });

  it("is one with a trailing slash too, and no other path is", async () => {
    expect(await comeBack(undefined, {}, "/enceladus/callback/")).toMatchObject({ location: "/enceladus/" });
    for (const uri of ["/enceladus/callbackup", "/enceladus/callback/x"]) {
      expect((await comeBack(undefined, {}, uri)).location).toContain("/oauth2/authorize");
    }
  });
});

describe("F11: the state", () => {
  // Their base64 has `+`, `/` and padding of each length.
  const targets = ["/enceladus/~~~?>>>", "/enceladus/ÿÿÿ?ûïþ", "/enceladus/a", "/enceladus/ab", "/enceladus/abc"];
  const expected = (target: string) => {
    const { pathname, search } = new URL(target, APP_ORIGIN);
    return pathname + search;
  };

  it.each(targets)("brings %s back in every spelling of base64", async (target) => {
    const standard = Buffer.from(target).toString("base64");
    const url = Buffer.from(target).toString("base64url");
    for (const state of [standard, standard.replace(/=+$/, ""), url, url.padEnd(Math.ceil(url.length / 4) * 4, "=")]) {
      expect((await comeBack(state)).location).toBe(expected(target));
    }
    // A query string that was put together by hand leaves the plus as it is, and it is read as a blank.
    const raw = await edge("/enceladus/callback", { querystring: `code=c&state=${standard}` });
    expect(raw.location).toBe(expected(target));
  });

  it("that cannot be read leads home", async () => {
    for (const state of [undefined, "", "%%%", "?", "_____w", "a".repeat(9_000), encoded("\u0000")]) {
      expect((await comeBack(state)).location).toBe("/enceladus/");
    }
  });

  it("that is no UTF-8 leads home, rather than to an address that nobody has asked for", async () => {
    const broken = Buffer.concat([Buffer.from("/enceladus/a"), Buffer.from([0xff, 0xc0])]).toString("base64url");
    expect((await comeBack(broken)).location).toBe("/enceladus/");
  });

  it("of a login that the edge started brings back what was asked for", async () => {
    const path = fc.webPath().map((rest) => `/enceladus${rest}`);
    await fc.assert(
      fc.asyncProperty(path, fc.webQueryParameters(), async (uri, querystring) => {
        fc.pre(!/\/(\.|%2e){1,2}(\/|$)/i.test(uri) && !/^\/enceladus\/?(callback|logout)?\/?$/.test(uri));
        const { location } = await edge(uri, { querystring });
        const state = new URL(location).searchParams.get("state") ?? "";
        const asked = new URL(querystring ? `${uri}?${querystring}` : uri, APP_ORIGIN);
        fc.pre(asked.pathname.startsWith("/enceladus/"));
        expect((await comeBack(state)).location).toBe(asked.pathname + asked.search);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the way back stays on the app's origin", () => {
  it.each([
    "//evil.example",
    "https://evil.example/enceladus/",
    "https://evil.example/enceladus/x",
    "//evil.example/enceladus/x",
    "https:evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/enceladus/\\..\\..\\evil",
    "/enceladus/../api/v1/projects",
    "/enceladus/%2e%2e/api",
    "/enceladusevil",
    "/mobile/v12",
    "/api/v1/projects",
    "javascript:alert(1)",
    "data:text/html,x",
    "/enceladus/\r\nSet-Cookie: a=b",
    "/enceladus/\tx",
    "/enceladus/callback?code=again",
    "/enceladus/callback/",
    "/enceladus/%63allback",
    "/enceladus/logout",
    "https://app.example.com.evil.example/enceladus/",
    "https://app.example.com@evil.example/enceladus/",
    "https://app.example.com:444/enceladus/",
  ])("home instead of %s", async (target) => {
    expect((await comeBack(encoded(target))).location).toBe("/enceladus/");
  });

  it.each([
    ["/enceladus", "/enceladus/"],
    ["/enceladus?a=b", "/enceladus/?a=b"],
    ["/enceladus/x#part", "/enceladus/x#part"],
    ["/mobile/v1/feed.json", "/mobile/v1/feed.json"],
    [`${APP_ORIGIN}/enceladus/x`, "/enceladus/x"],
  ])("%s leads to %s", async (target, location) => {
    expect((await comeBack(encoded(target))).location).toBe(location);
  });

  it("whatever text the state holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl()), async (target) => {
        const { location } = await comeBack(encoded(target));
        expect(location).toMatch(/^\/(enceladus|mobile\/v1)(\/|$)/);
        expect(new URL(location, APP_ORIGIN).origin).toBe(APP_ORIGIN);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a callback that does not end in a session", () => {
  it("is 400 without a code, also where the pool reports an error", async () => {
    for (const querystring of ["", "code=", "error=access_denied&error_description=x", `code=${"x".repeat(3_000)}`]) {
      const { status, body, header } = await edge("/enceladus/callback", { querystring });
      expect([status, body, header("cache-control")]).toEqual([400, "Missing code", "no-store"]);
    }
    expect(endpoint.forms).toEqual([]);
  });

  it.each([400, 401, 403, 404, 500])("is 401 where the token endpoint answers %s", async (status) => {
    endpoint.next = { status, body: { error: "invalid_grant" } };
    const answer = await comeBack();
    expect([answer.status, answer.body, answer.cookies]).toEqual([401, "Token exchange failed", []]);
    expect(answer.header("cache-control")).toBe("no-store");
  });

  it("is 401 where the answer holds no id token", async () => {
    for (const body of [{}, { id_token: "" }, { id_token: 5 }, "no json", "null"]) {
      endpoint.next = { body };
      expect(await comeBack()).toMatchObject({ status: 401, cookies: [] });
    }
  });

  it.each(FORGED_TOKENS)("is 401 where the id token has %s", async (_name, message, forge) => {
    endpoint.next = { body: { id_token: forge(issuer) } };
    const { status, body, cookies } = await comeBack();
    expect([status, cookies]).toEqual([401, []]);
    expect(body).toContain(message);
  });

  it("is 503 where the token endpoint cannot be reached", async () => {
    const unreachable = edgeOf(issuer, "http://127.0.0.1:1");
    const { status, header, body } = await unreachable("/enceladus/callback", { querystring: "code=c" });
    expect([status, header("retry-after"), header("cache-control")]).toEqual([503, "2", "no-store"]);
    expect(body).not.toMatch(/ECONN|127/);
  });

  it("is 503 after three seconds without an answer", async () => {
    // A network that hangs is not to be had on this machine; what is looked at is the time that the edge sets itself.
    const limits: number[] = [];
    const hanging = edgeOf(issuer, endpoint.url, {
      fetch: (_url, init) =>
        new Promise((_, reject) => {
          const startedAt = Date.now();
          init?.signal?.addEventListener("abort", () => {
            limits.push(Date.now() - startedAt);
            reject(new Error("aborted"));
          });
        }),
    });
    expect(await hanging("/enceladus/callback", { querystring: "code=c" })).toMatchObject({ status: 503 });
    expect(limits[0]).toBeGreaterThan(2_900);
    expect(limits[0]).toBeLessThan(4_500);
  });

  it("F14: is told in one line with the reason and the names of cookies, and counted; no value is in it", async () => {
    endpoint.next = { status: 400, body: { error: "invalid_grant" } };
    const { lines, text } = await logDuring(() =>
      comeBack("the-state", { cookie: "enceladus_id_token=secret-token; other=secret-value" }),
    );
    expect(lines[0]).toMatchObject({
      message: "auth_failure",
      requestId: "edge-request-1",
      method: "GET",
      path: "/enceladus/callback",
      reason: "token_endpoint_400",
      cookie_names: ["enceladus_id_token", "other"],
    });
    expect(lines[1]).toMatchObject({ auth_failure: 1, reason: "token_endpoint_400" });
    expect(text).not.toMatch(/the-code|the-state|secret/);
  });
});
