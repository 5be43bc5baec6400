import { describe, expect, it } from "@jest/globals";
import { AuthorizationCodes } from "../../../../scripts/local/hosted-ui/authorization-codes.ts";
import { signInClient } from "../../../../scripts/local/hosted-ui/sign-in-client.ts";
import { tokenEndpoints } from "../../../../scripts/local/hosted-ui/token-endpoints.ts";
import { fakePool } from "./fake-pool.ts";

const REDIRECT_URI = "https://app.example.com/callback";

function stage(username = "ada") {
  const pool = fakePool();
  const codes = new AuthorizationCodes(() => 0);
  const grant = { username, clientId: "web", redirectUri: REDIRECT_URI, nonce: "n", codeChallenge: undefined };
  const endpoints = tokenEndpoints(signInClient("web", {}, undefined), pool, codes);
  const known = {
    grant_type: "authorization_code",
    client_id: "web",
    code: codes.issue(grant),
    redirect_uri: REDIRECT_URI,
  };
  return { pool, endpoints, known };
}

async function errorOf(answer: Promise<{ status: number; body: string }>) {
  const { status, body } = await answer;
  return [status, JSON.parse(body)];
}

describe("the token endpoint", () => {
  it("gives tokens for a code, in an answer that nobody keeps", async () => {
    const { endpoints, known, pool } = stage();
    const { status, headers, body } = await endpoints.token(new URLSearchParams(known));
    expect([status, headers["cache-control"], JSON.parse(body)]).toEqual([
      200,
      "no-store",
      { id_token: "id", access_token: "access", refresh_token: "refresh", token_type: "Bearer", expires_in: 3_600 },
    ]);
    expect(pool.issued).toEqual(["n"]);
  });

  it.each([
    ["another grant", { grant_type: "password" }, "unsupported_grant_type"],
    ["no grant", { grant_type: "" }, "invalid_request"],
    ["another client", { client_id: "other" }, "invalid_client"],
    ["no code", { code: "" }, "invalid_request"],
    ["no address", { redirect_uri: "" }, "invalid_request"],
    ["a code that was never issued", { code: "guess" }, "invalid_grant"],
    ["another address", { redirect_uri: "https://app.example.com/x" }, "invalid_grant"],
    ["a verifier where the login had no challenge", { code_verifier: "v".repeat(43) }, "invalid_grant"],
    ["a code without end", { code: "c".repeat(129) }, "invalid_request"],
  ])("refuses %s", async (_, change, error) => {
    const { endpoints, known, pool } = stage();
    expect(await errorOf(endpoints.token(new URLSearchParams({ ...known, ...change })))).toEqual([400, { error }]);
    expect(pool.issued).toEqual([]);
  });

  it("refuses who is no longer there", async () => {
    const { endpoints, known } = stage("gone");
    expect(await errorOf(endpoints.token(new URLSearchParams(known)))).toEqual([400, { error: "invalid_grant" }]);
  });

  it("refuses a parameter that comes twice", async () => {
    const { endpoints, known } = stage();
    const twice = new URLSearchParams([...Object.entries(known), ["code", known.code]]);
    expect(await errorOf(endpoints.token(twice))).toEqual([400, { error: "invalid_request" }]);
  });
});

describe("the revocation endpoint", () => {
  const revoke = ({ endpoints }: ReturnType<typeof stage>, form: Record<string, string>) =>
    endpoints.revoke(new URLSearchParams(form));

  it("hands the token to the pool", async () => {
    const there = stage();
    expect((await revoke(there, { client_id: "web", token: "refresh" })).status).toBe(200);
    expect(there.pool.revoked).toEqual(["refresh"]);
  });

  it.each([
    [{ client_id: "other", token: "refresh" }, "invalid_client"],
    [{ client_id: "web" }, "invalid_request"],
    [{ client_id: "web", token: "t".repeat(8_193) }, "invalid_request"],
  ])("refuses %j", async (form, error) => {
    const there = stage();
    expect(await errorOf(revoke(there, form as Record<string, string>))).toEqual([400, { error }]);
    expect(there.pool.revoked).toEqual([]);
  });
});
