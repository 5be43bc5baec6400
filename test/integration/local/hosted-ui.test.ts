import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { localUserPool, POOL } from "../../support/local-user-pool.ts";

const { user, url, issuer } = localUserPool();
const CALLBACK = `${POOL.apiOrigin}/enceladus/callback`;
const VERIFIER = "v".repeat(43);
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

type Fields = Record<string, string>;

const addressOf = (parameters: Fields) =>
  `${url()}/oauth2/authorize?${new URLSearchParams({
    client_id: POOL.clientId,
    redirect_uri: CALLBACK,
    response_type: "code",
    ...parameters,
  })}`;

const post = (address: string, fields: Fields, headers: Fields = {}) =>
  fetch(address, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });

const credentials = () => ({ username: user(0).username, password: user(0).password });

/** Signs in with the password and gives the code. */
async function codeFor(parameters: Fields): Promise<string> {
  const answer = await post(addressOf(parameters), credentials());
  return new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

const exchange = (code: string, more: Fields = {}) =>
  post(`${url()}/oauth2/token`, {
    grant_type: "authorization_code",
    client_id: POOL.clientId,
    redirect_uri: CALLBACK,
    code,
    ...more,
  });

type Tokens = Record<"id_token" | "access_token" | "refresh_token", string>;

async function refreshStatus(token: string): Promise<number> {
  const answer = await fetch(url(), {
    method: "POST",
    headers: {
      "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
      "content-type": "application/x-amz-json-1.1",
    },
    body: JSON.stringify({
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: POOL.clientId,
      AuthParameters: { REFRESH_TOKEN: token },
    }),
  });
  return answer.status;
}

describe("a login at the real pool", () => {
  it("leads to an id token of the person, with the nonce, signed by the pool's key", async () => {
    const login = { code_challenge: CHALLENGE, code_challenge_method: "S256", nonce: "n-1" };
    const answer = await exchange(await codeFor(login), { code_verifier: VERIFIER });
    const tokens = (await answer.json()) as Tokens;
    const keys = createRemoteJWKSet(new URL(`${issuer()}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, keys, {
      issuer: issuer(),
      audience: POOL.clientId,
      algorithms: ["RS256"],
    });
    expect(protectedHeader.kid).toBe("CognitoLocal");
    expect(payload).toMatchObject({ token_use: "id", email: user(0).username, nonce: "n-1" });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3_600);
    expect(await refreshStatus(tokens.refresh_token)).toBe(200);
  });

  it("works without PKCE and nonce, as the app starts it", async () => {
    const answer = await exchange(await codeFor({}));
    const { id_token } = (await answer.json()) as Tokens;
    const claims = JSON.parse(Buffer.from(id_token.split(".")[1] ?? "", "base64url").toString());
    expect([answer.status, "nonce" in claims]).toEqual([200, false]);
  });

  it("leads to nothing without its verifier", async () => {
    const code = await codeFor({ code_challenge: CHALLENGE, code_challenge_method: "S256" });
    const answer = await exchange(code);
    expect([answer.status, await answer.json()]).toEqual([400, { error: "invalid_grant" }]);
  });

  it("can be ended by its refresh token", async () => {
    const { refresh_token } = (await (await exchange(await codeFor({}))).json()) as Tokens;
    const end = () => post(`${url()}/oauth2/revoke`, { client_id: POOL.clientId, token: refresh_token });
    expect((await end()).status).toBe(200);
    expect(await refreshStatus(refresh_token)).toBe(400);
    expect((await end()).status).toBe(200);
  });
});

describe("the form", () => {
  it("is refused from a page of somebody else", async () => {
    const foreign = await post(addressOf({}), credentials(), { origin: "http://evil.example" });
    expect([foreign.status, foreign.headers.get("location")]).toEqual([403, null]);
    expect((await post(addressOf({}), credentials(), { origin: url() })).status).toBe(302);
  });

  it("may be so large and no larger", async () => {
    expect((await post(addressOf({}), { username: "x".repeat(20_000), password: "x" })).status).toBe(413);
  });

  it("is nothing else than a form", async () => {
    const body = JSON.stringify(credentials());
    const headers = { "content-type": "application/json" };
    const answer = await fetch(addressOf({}), { method: "POST", body, headers, redirect: "manual" });
    expect(answer.status).toBe(401);
  });
});

describe("the pages", () => {
  it.each(["page.css", "icon.svg"])("come with %s", async (file) => {
    const answer = await fetch(`${url()}/oauth2/${file}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      file === "page.css" ? "text/css" : "image/svg+xml",
    ]);
  });

  it.each(["/oauth2/userInfo", "/oauth2/../oauth2/cognito.ts", "/oauth2/authorize/"])("are not at %s", async (path) => {
    expect((await fetch(`${url()}${path}`)).status).toBe(404);
  });

  it("leave the pool's API and keys where they are", async () => {
    expect((await fetch(`${issuer()}/.well-known/jwks.json`)).status).toBe(200);
    expect(await refreshStatus("garbage")).toBe(400);
  });
});
