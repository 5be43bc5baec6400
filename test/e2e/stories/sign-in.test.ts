import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { expiredIdToken } from "../../support/local-tokens.ts";
import { system } from "../../support/shared-system.ts";
import { WebVisitor } from "../../support/web-visitor.ts";

const app = (path: string) => `${system.endpoints.apiUrl}${path}`;

function user() {
  const [found] = system.endpoints.users;
  if (!found) throw new Error("the local user pool has no users");
  return found;
}

/** Opens a page as somebody who is not signed in, and signs in. @returns the answer to the callback */
async function signIn(visitor: WebVisitor, path = "/enceladus/"): Promise<Response> {
  const { url, answer } = await visitor.open(app(path));
  const { username, password } = user();
  const back = await visitor.signIn(url, await answer.text(), { username, password });
  return visitor.send(back.headers.get("location") ?? "");
}

const refresh = (visitor: WebVisitor) => visitor.send(app("/api/v1/auth/refresh"), { method: "POST" });

beforeAll(async () => {
  const { aws, region, buckets } = system.endpoints;
  const s3 = new S3Client({ endpoint: aws.s3, region, credentials: aws, forcePathStyle: true });
  const object = { Key: "mobile/v1/feed.json", Body: '{"ok":true}', ContentType: "application/json" };
  await s3.send(new PutObjectCommand({ Bucket: buckets.assets, ...object }));
  s3.destroy();
});

describe("somebody who is not signed in", () => {
  it("is led from a page to the sign-in, with all that a login needs", async () => {
    const answer = await new WebVisitor().send(app("/enceladus/projects/alpha?tab=1"));
    const location = new URL(answer.headers.get("location") ?? "");
    expect([answer.status, answer.headers.get("cache-control"), location.pathname]).toEqual([
      302,
      "no-store",
      "/oauth2/authorize",
    ]);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      response_type: "code",
      client_id: system.endpoints.clientId,
      redirect_uri: app("/enceladus/callback"),
      scope: "openid email profile",
      state: Buffer.from("/enceladus/projects/alpha?tab=1").toString("base64url"),
    });
  });

  it.each(["/enceladus/", "/mobile/v1/feed.json"])("is told so as a script at %s", async (path) => {
    const answer = await fetch(app(path), { headers: { accept: "application/json" }, redirect: "manual" });
    expect([answer.status, answer.headers.get("cache-control"), await answer.json()]).toEqual([
      401,
      "no-store",
      expect.objectContaining({ success: false, error: "unauthenticated" }),
    ]);
  });

  it("is told so after a wrong password, and gets no cookie of the app", async () => {
    const visitor = new WebVisitor();
    const { url, answer } = await visitor.open(app("/enceladus/"));
    const wrong = await visitor.signIn(url, await answer.text(), { username: user().username, password: "wrong" });
    expect([wrong.status, await wrong.text()]).toEqual([
      401,
      expect.stringContaining("Incorrect username or password"),
    ]);
    expect(visitor.cookie("enceladus_id_token")).toBeUndefined();
  });
});

describe("the sign-in", () => {
  it("leads back to the page that was asked for, with a session", async () => {
    const visitor = new WebVisitor();
    const answer = await signIn(visitor, "/enceladus/projects/alpha?tab=1");
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/enceladus/projects/alpha?tab=1"]);
    const forAll = "Path=/; Secure; HttpOnly; SameSite=None; Max-Age=";
    expect(answer.headers.getSetCookie().map((line) => line.replace(/=[^;]*; /, "; "))).toEqual([
      `enceladus_id_token; ${forAll}3600`,
      "enceladus_session_at; Path=/enceladus; Secure; SameSite=None; Max-Age=3600",
      `enceladus_refresh_token; ${forAll}2592000`,
      expect.stringMatching(/^enceladus_login_/),
    ]);
    expect(Math.abs(Date.now() - Number(visitor.cookie("enceladus_session_at")))).toBeLessThan(60_000);
  });

  it("opens the page, the feeds and the API", async () => {
    const visitor = new WebVisitor();
    await signIn(visitor);
    const page = await visitor.send(app("/enceladus/projects/alpha"));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<title>Enceladus</title>")]);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    const feed = await visitor.send(app("/mobile/v1/feed.json"), { headers: { accept: "application/json" } });
    expect([feed.status, await feed.json()]).toEqual([200, { ok: true }]);
    const again = await visitor.send(app("/mobile/v1/feed.json"), {
      headers: { "if-none-match": feed.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
    expect((await visitor.send(app("/mobile/v1/missing.json"))).status).toBe(404);
    expect((await visitor.send(app("/api/v1/projects"))).status).toBe(200);
  });

  it("is not asked for again as long as the sign-in pages know the person", async () => {
    const visitor = new WebVisitor();
    await signIn(visitor);
    visitor.setCookie("enceladus_id_token=; Path=/; Max-Age=0", app("/"));
    const { url, answer } = await visitor.open(app("/enceladus/"));
    expect([url, answer.status]).toEqual([app("/enceladus/"), 200]);
    expect(visitor.cookie("enceladus_id_token")).toMatch(/./);
  });

  it("works as the app starts it, without PKCE", async () => {
    const visitor = new WebVisitor();
    const first = await visitor.send(app("/enceladus/"));
    const login = new URL(first.headers.get("location") ?? "");
    for (const name of ["code_challenge", "code_challenge_method", "nonce"]) login.searchParams.delete(name);
    login.searchParams.set("state", Buffer.from("/enceladus/own").toString("base64url"));
    const { url, answer } = await visitor.open(login.href);
    const { username, password } = user();
    const back = await visitor.signIn(url, await answer.text(), { username, password });
    const callback = await visitor.send(back.headers.get("location") ?? "");
    expect([callback.status, callback.headers.get("location")]).toEqual([302, "/enceladus/own"]);
  });

  it("takes a code once", async () => {
    const visitor = new WebVisitor();
    const { url, answer } = await visitor.open(app("/enceladus/"));
    const { username, password } = user();
    const back = await visitor.signIn(url, await answer.text(), { username, password });
    const callback = back.headers.get("location") ?? "";
    expect((await visitor.send(callback)).status).toBe(302);
    expect((await new WebVisitor().send(callback)).status).toBe(401);
  });
});

describe("a session", () => {
  it("is renewed when its token is over", async () => {
    const visitor = new WebVisitor();
    await signIn(visitor);
    const expired = await expiredIdToken(visitor.cookie("enceladus_id_token") ?? "");
    visitor.setCookie(`enceladus_id_token=${expired}; Path=/`, app("/"));
    const call = await visitor.send(app("/api/v1/projects"));
    expect([call.status, await call.json()]).toMatchObject([401, { error: expect.stringContaining("expired") }]);
    expect((await refresh(visitor)).status).toBe(200);
    expect((await visitor.send(app("/api/v1/projects"))).status).toBe(200);
  });

  it("ends with the sign-out, at the sign-in pages and in the pool too", async () => {
    const visitor = new WebVisitor();
    await signIn(visitor);
    const refreshToken = visitor.cookie("enceladus_refresh_token") ?? "";
    const { url, answer } = await visitor.open(app("/enceladus/logout"));
    expect([new URL(url).pathname, answer.status]).toEqual(["/oauth2/authorize", 200]);
    expect(await answer.text()).toContain('<input id="password"');
    const names = ["enceladus_id_token", "enceladus_session_at", "enceladus_refresh_token"];
    expect(names.map((name) => visitor.cookie(name))).toEqual([undefined, undefined, undefined]);
    visitor.setCookie(`enceladus_refresh_token=${refreshToken}; Path=/`, app("/"));
    const dead = await refresh(visitor);
    expect([dead.status, await dead.json()]).toMatchObject([401, { error: "refresh_failed" }]);
    expect(visitor.cookie("enceladus_refresh_token")).toBeUndefined();
  });
});
