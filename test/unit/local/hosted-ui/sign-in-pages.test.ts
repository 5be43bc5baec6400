import { beforeEach, describe, expect, it } from "@jest/globals";
import { AuthorizationCodes } from "../../../../scripts/local/hosted-ui/authorization-codes.ts";
import { signInClient } from "../../../../scripts/local/hosted-ui/sign-in-client.ts";
import { signInPages } from "../../../../scripts/local/hosted-ui/sign-in-pages.ts";
import { SignInSessions } from "../../../../scripts/local/hosted-ui/sign-in-sessions.ts";
import { fakePool } from "./fake-pool.ts";

const ORIGIN = "http://127.0.0.1:3000";
const CALLBACK = `${ORIGIN}/enceladus/callback`;
const login = { client_id: "web", redirect_uri: CALLBACK, response_type: "code", state: "s+/=" };
const password = new URLSearchParams({ username: "ada@example.com", password: "secret" });

let now: number;
let pages: ReturnType<typeof signInPages>;

beforeEach(() => {
  now = 1_000_000;
  pages = signInPages({
    client: signInClient("web", {}, ORIGIN),
    pool: fakePool(),
    codes: new AuthorizationCodes(() => now),
    sessions: new SignInSessions(() => now),
    passwordsIn: "<here>/endpoints.json",
  });
});

const request = (query: Record<string, string>, cookies?: string) => ({ query: new URLSearchParams(query), cookies });
const cookieOf = (answer: { headers: Record<string, unknown> }) =>
  String((answer.headers["set-cookie"] as string[])[0]);

async function signedIn(): Promise<string> {
  return cookieOf(await pages.signIn(request(login), password)).split(";")[0] ?? "";
}

describe("the sign-in page", () => {
  it("asks for name and password, says who there is, and where the passwords are, but not what they are", async () => {
    const { status, body } = await pages.authorize(request(login));
    expect(status).toBe(200);
    expect(body).toContain('<label for="username">');
    expect(body).toContain('autocomplete="username"');
    expect(body).toContain('<label for="password">');
    expect(body).toContain('autocomplete="current-password"');
    expect(body).toContain("ada@example.com");
    expect(body).toContain("&lt;here&gt;/endpoints.json");
    expect(body).not.toContain("secret");
    expect(body).not.toContain("<script");
  });

  it("is kept, framed and embedded nowhere, and its form leads to the app only", async () => {
    const { headers } = await pages.authorize(request(login));
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
    });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).toContain(`form-action 'self' ${ORIGIN};`);
  });

  it("shows what came from outside as text", async () => {
    const typed = new URLSearchParams({ username: `"><script>alert(1)</script>`, password: "x" });
    const { body } = await pages.signIn(request({ ...login, state: `"><img src=x>` }), typed);
    expect(body).not.toMatch(/<script|<img src=x/);
    expect(body).toContain("&quot;&gt;&lt;script&gt;");
  });

  it.each([
    ["an address that is not listed", { redirect_uri: "https://evil.example/" }],
    ["another client", { client_id: "other" }],
  ])("leads nowhere with %s", async (_, change) => {
    for (const answer of [
      await pages.authorize(request({ ...login, ...change }, await signedIn())),
      await pages.signIn(request({ ...login, ...change }), password),
    ]) {
      expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
      expect(answer.body).not.toContain("evil.example");
    }
  });
});

describe("signing in", () => {
  it("leads back with a code and the state", async () => {
    const { status, headers } = await pages.signIn(request(login), password);
    const location = new URL(String(headers.location));
    expect([status, location.origin + location.pathname, location.searchParams.get("state")]).toEqual([
      302,
      CALLBACK,
      login.state,
    ]);
    expect(location.searchParams.get("code")).toMatch(/./);
  });

  it.each([
    ["a wrong password", { username: "ada@example.com", password: "wrong" }],
    ["somebody unknown", { username: "bob@example.com", password: "secret" }],
    ["an empty form", {}],
  ])("asks again after %s, in the same words", async (_, typed) => {
    const answer = await pages.signIn(request(login), new URLSearchParams(typed as Record<string, string>));
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([401, undefined]);
    expect(answer.body).toContain('role="alert">Incorrect username or password.');
  });

  it("is not asked for again within the hour", async () => {
    const cookie = await signedIn();
    now += 3_599_999;
    const again = await pages.authorize(request(login, `other=1; ${cookie}`));
    expect([again.status, String(again.headers.location)]).toEqual([302, expect.stringContaining("code=")]);
    now += 1;
    expect((await pages.authorize(request(login, cookie))).status).toBe(200);
  });

  it("leaves a cookie that scripts cannot read and other sites cannot use", async () => {
    expect(cookieOf(await pages.signIn(request(login), password))).toMatch(
      /^local_sign_in=\S{32}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/,
    );
  });
});

describe("signing out", () => {
  const logout = { client_id: "web", logout_uri: `${ORIGIN}/enceladus/` };

  it("ends the session and leads back", async () => {
    const cookie = await signedIn();
    const answer = await pages.logout(request(logout, cookie));
    expect([answer.status, answer.headers.location]).toEqual([302, logout.logout_uri]);
    expect(cookieOf(answer)).toMatch(/^local_sign_in=; .*Max-Age=0$/);
    expect((await pages.authorize(request(login, cookie))).status).toBe(200);
  });

  it.each([{ logout_uri: "https://evil.example/" }, { client_id: "other" }])(
    "leads nowhere with %j",
    async (change) => {
      const cookie = await signedIn();
      const answer = await pages.logout(request({ ...logout, ...change }, cookie));
      expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
      expect((await pages.authorize(request(login, cookie))).status).toBe(302);
    },
  );
});
