import { afterAll, describe, expect, it } from "@jest/globals";
import { createHandler } from "../../../../functions/auth-edge/create-handler.ts";
import { APP_ORIGIN, callerOf, edgeOf, signedIn } from "../../../support/edge-caller.ts";
import { FORGED_TOKENS } from "../../../support/forged-tokens.ts";
import { TokenIssuer } from "../../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
Object.assign(process.env, issuer.environment(), { POWERTOOLS_LOG_LEVEL: "SILENT" });

const DOMAIN = "https://signin.example.com";
const edge = edgeOf(issuer, DOMAIN);
const cookie = signedIn(issuer);

afterAll(() => issuer.stop());

describe("paths that are not the edge's", () => {
  it.each(["/", "/index.html", "/favicon.ico", "/api/v1/projects", "/mobile/v2/feed.json"])(
    "%s passes untouched, whoever asks",
    async (uri) => {
      expect(await edge(uri)).toMatchObject({ forwarded: uri });
      expect(await edge(uri, { headers: { cookie: "enceladus_id_token=garbage" } })).toMatchObject({ forwarded: uri });
    },
  );
});

describe("a signed-in person", () => {
  it.each([
    ["/enceladus", "/enceladus/index.html"],
    ["/enceladus/", "/enceladus/index.html"],
    ["/enceladus/projects/alpha", "/enceladus/index.html"],
    ["/enceladus/x.y/z", "/enceladus/index.html"],
    ["/enceladus/assets/a.js", "/enceladus/assets/a.js"],
    ["/enceladus/assets/", "/enceladus/index.html"],
    ["/enceladus/manifest.webmanifest", "/enceladus/manifest.webmanifest"],
    ["/mobile/v1/feed", "/mobile/v1/feed"],
    ["/mobile/v1/projects/alpha.json", "/mobile/v1/projects/alpha.json"],
  ])("F16: who asks for %s gets %s", async (uri, object) => {
    expect(await edge(uri, { headers: cookie })).toMatchObject({ forwarded: object });
  });

  it.each(["Cookie", "cookie", "COOKIE"])("F3: is known by the header %s", async (name) => {
    expect(await edge("/enceladus/", { headers: { [name]: cookie.cookie } })).toMatchObject({
      forwarded: "/enceladus/index.html",
    });
  });

  it("F3: is known by a cookie in any of several lines, among others, behind an empty one", async () => {
    for (const lines of [
      ["a=b", cookie.cookie],
      ["a=b; c=%E0%A4%A", `d=e;${cookie.cookie}`],
      ["enceladus_id_token=", cookie.cookie],
    ]) {
      expect(await edge("/enceladus/", { headers: { cookie: lines } })).toMatchObject({
        forwarded: "/enceladus/index.html",
      });
    }
  });
});

describe("somebody who is not signed in", () => {
  const page = (headers = {}) => edge("/enceladus/projects/alpha", { querystring: "tab=1&q=a%20b", headers });

  it("is sent to the sign-in pages, with where they were going as the state", async () => {
    const { status, location, header } = await page({ accept: "text/html,application/xhtml+xml" });
    const state = Buffer.from("/enceladus/projects/alpha?tab=1&q=a%20b").toString("base64url");
    expect([status, header("cache-control")]).toEqual([302, "no-store"]);
    expect(location.split("&code_challenge=")[0]).toBe(
      `${DOMAIN}/oauth2/authorize?response_type=code&client_id=${issuer.clientId}` +
        `&redirect_uri=${encodeURIComponent(`${APP_ORIGIN}/enceladus/callback`)}` +
        `&scope=openid%20email%20profile&state=${state}`,
    );
  });

  it.each<[string, Record<string, string>]>([
    ["sec-fetch-dest: empty", { "sec-fetch-dest": "empty" }],
    ["X-Requested-With, any case", { "X-Requested-With": "xmlhttprequest" }],
    ["purpose: prefetch", { purpose: "prefetch" }],
    ["sec-purpose: prefetch;prerender", { "sec-purpose": "prefetch;prerender" }],
    ["accept of JSON and no HTML", { accept: "application/json, text/plain, */*" }],
  ])("F8: gets 401 JSON, never a redirect, when a script asks: %s", async (_sign, headers) => {
    const { status, body, header, cookies } = await page(headers);
    expect([status, header("content-type"), header("cache-control")]).toEqual([401, "application/json", "no-store"]);
    expect(JSON.parse(body)).toEqual({
      success: false,
      error: "unauthenticated",
      error_envelope: { code: "PERMISSION_DENIED", message: "unauthenticated", retryable: false, details: {} },
    });
    expect(cookies).toEqual([]);
  });

  it("F8: is redirected when a page is wanted that may be JSON too", async () => {
    for (const headers of [
      { accept: "text/html, application/json" },
      { "sec-fetch-dest": "document", accept: "*/*" },
      { "x-requested-with": "com.example.app" },
      {},
    ]) {
      expect(await page(headers)).toMatchObject({ status: 302 });
    }
  });

  it.each(["/mobile/v1", "/mobile/v1/feed.json", "/mobile/v1/reference/alpha.md"])("gets no feed: %s", async (uri) => {
    expect(await edge(uri)).toMatchObject({ status: 302, forwarded: undefined });
    expect(await edge(uri, { headers: { accept: "application/json" } })).toMatchObject({ status: 401 });
  });

  it.each([
    "/%6dobile/v1/feed.json",
    "/mobile%2Fv1/feed.json",
    "/mobile/./v1/feed.json",
    "/x/../mobile/v1/feed.json",
    "/x/%2e%2e/mobile/v1/feed.json",
    "//mobile/v1/feed.json",
    "/mobile\\v1\\feed.json",
    "/%65nceladus/index.html",
  ])("does not get round the gate by another spelling: %s", async (uri) => {
    expect(await edge(uri)).toMatchObject({ status: 302, forwarded: undefined });
    expect(await edge(uri, { headers: cookie })).toMatchObject({ status: 0 });
  });

  it.each(FORGED_TOKENS)("is nobody with a token that has %s", async (_name, _message, forge) => {
    const headers = { cookie: `enceladus_id_token=${forge(issuer)}` };
    expect(await page(headers)).toMatchObject({ status: 302, forwarded: undefined });
    expect(await page({ ...headers, "sec-fetch-dest": "empty" })).toMatchObject({ status: 401 });
  });

  it("is nobody with a broken cookie, and no reason to fail", async () => {
    for (const broken of ["enceladus_id_token=%E0%A4%A", "=;;=", ";", `enceladus_id_token=${"x".repeat(20_000)}`]) {
      expect(await page({ cookie: broken })).toMatchObject({ status: 302 });
    }
  });

  it("loses the way back, not the sign-in, where the address is longer than a state may be", async () => {
    const { status, location } = await edge("/enceladus/", { querystring: "x".repeat(5_000) });
    expect([status, new URL(location).searchParams.get("state")]).toEqual([302, ""]);
  });
});

describe("an edge that cannot tell", () => {
  const down = edgeOf(issuer, DOMAIN, { fetch: () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3")) });

  it("answers 503 when it has no keys, rather than lead round in a circle", async () => {
    const { status, header, body } = await down("/enceladus/", { headers: cookie });
    expect([status, header("retry-after"), header("cache-control")]).toEqual([503, "2", "no-store"]);
    expect(header("content-type")).toContain("text/plain");
    expect(body).not.toContain("10.1.2.3");
  });

  it("still redirects who has no token at all", async () => {
    expect(await down("/enceladus/")).toMatchObject({ status: 302 });
  });

  it("lets nobody in while it is not configured, and still passes what is not its own", async () => {
    const unconfigured = callerOf(createHandler(undefined));
    for (const uri of ["/enceladus/", "/enceladus/callback", "/mobile/v1/feed.json", "/enceladus/logout"]) {
      const { status, header } = await unconfigured(uri, { headers: cookie });
      expect([status, header("cache-control")]).toEqual([503, "no-store"]);
    }
    expect(await unconfigured("/robots.txt")).toMatchObject({ forwarded: "/robots.txt" });
  });

  it("takes no loopback issuer once it is deployed", () => {
    process.env.ENCELADUS_LOCAL = "false";
    try {
      expect(() => edgeOf(issuer, DOMAIN)).toThrow("not configured correctly");
    } finally {
      process.env.ENCELADUS_LOCAL = "true";
    }
  });
});
