import { describe, expect, it } from "@jest/globals";
import { readAuthorizeRequest } from "../../../../scripts/local/hosted-ui/authorize-request.ts";
import { signInClient } from "../../../../scripts/local/hosted-ui/sign-in-client.ts";

const CHALLENGE = "c".repeat(43);
const client = signInClient("web", { CallbackURLs: ["https://app.example.com/enceladus/callback"] }, undefined);
const known = {
  client_id: "web",
  redirect_uri: "https://app.example.com/enceladus/callback",
  response_type: "code",
  scope: "openid email",
};

function read(changes: Record<string, string | undefined> = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...known, ...changes })) {
    if (value !== undefined) parameters.append(name, value);
  }
  return readAuthorizeRequest(parameters, client);
}

describe("a login", () => {
  it("needs no PKCE, state, nonce or scope", () => {
    expect(read({ scope: undefined })).toEqual({
      redirectUri: known.redirect_uri,
      state: undefined,
      nonce: undefined,
      codeChallenge: undefined,
    });
  });

  it("keeps what it is given", () => {
    const given = { state: "s/+=", nonce: "n", code_challenge: CHALLENGE, code_challenge_method: "S256" };
    expect(read(given)).toMatchObject({ state: "s/+=", nonce: "n", codeChallenge: CHALLENGE });
  });

  it.each([
    ["another client", { client_id: "other" }, "client"],
    ["no client", { client_id: undefined }, "client"],
    ["an address that is not listed", { redirect_uri: "https://evil.example/enceladus/callback" }, "redirect_uri"],
    ["an address below a listed one", { redirect_uri: `${known.redirect_uri}/x` }, "redirect_uri"],
    ["a listed address with a query", { redirect_uri: `${known.redirect_uri}?x` }, "redirect_uri"],
    ["no address", { redirect_uri: undefined }, "redirect_uri"],
    ["tokens in place of a code", { response_type: "token" }, "response_type"],
    ["a scope that is not the client's", { scope: "openid admin" }, "scope"],
    ["a scope without openid", { scope: "email" }, "openid"],
    ["a challenge in plain text", { code_challenge: CHALLENGE, code_challenge_method: "plain" }, "S256"],
    ["a challenge of no method", { code_challenge: CHALLENGE }, "S256"],
    ["a method without a challenge", { code_challenge_method: "S256" }, "code_challenge"],
    ["a challenge that is no hash", { code_challenge: "short", code_challenge_method: "S256" }, "code_challenge"],
    ["a state without end", { state: "s".repeat(8_193) }, "state"],
    ["a nonce without end", { nonce: "n".repeat(1_025) }, "nonce"],
  ])("is refused with %s", (_, change, word) => {
    expect(() => read(change)).toThrow(new RegExp(word));
  });

  it("is refused when it says something twice", () => {
    const twice = new URLSearchParams({ ...known });
    twice.append("redirect_uri", known.redirect_uri);
    expect(() => readAuthorizeRequest(twice, client)).toThrow(/redirect_uri/);
  });
});

describe("the client", () => {
  const declared = {
    CallbackURLs: ["https://app.example.com/enceladus/callback", "https://app.example.com/other"],
    LogoutURLs: ["https://app.example.com/enceladus/"],
    AllowedOAuthScopes: ["openid"],
  };

  it("may be used from the local API too, at the same paths", () => {
    expect(signInClient("web", declared, "http://127.0.0.1:3000")).toEqual({
      clientId: "web",
      callbackUrls: [
        ...declared.CallbackURLs,
        "http://127.0.0.1:3000/enceladus/callback",
        "http://127.0.0.1:3000/other",
      ],
      logoutUrls: [...declared.LogoutURLs, "http://127.0.0.1:3000/enceladus/"],
      scopes: ["openid"],
    });
  });

  it("may be used from the local API where it declares nothing", () => {
    expect(signInClient("web", {}, "http://127.0.0.1:3000")).toMatchObject({
      callbackUrls: ["http://127.0.0.1:3000/enceladus/callback"],
      logoutUrls: ["http://127.0.0.1:3000/enceladus/"],
      scopes: ["openid", "email", "profile"],
    });
  });
});
