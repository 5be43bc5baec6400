import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { identify } from "../../../scripts/local/wire/identify.ts";

function identified(method: string, url: string, headers: Record<string, string> = {}, body = "") {
  const incoming = { method, url, headers } as unknown as IncomingMessage;
  const { operation, request } = identify("cognito", incoming, Buffer.from(body));
  return { operation, request: request() };
}

describe("calls of Cognito", () => {
  it.each([
    ["GET", "/oauth2/authorize?client_id=a", "OAuth2Authorize"],
    ["POST", "/oauth2/authorize?client_id=a", "OAuth2Authorize"],
    ["POST", "/oauth2/token", "OAuth2Token"],
    ["POST", "/oauth2/revoke", "OAuth2Revoke"],
    ["GET", "/logout?client_id=a", "Logout"],
    ["GET", "/us-east-1_x/.well-known/jwks.json", "GetJsonWebKeySet"],
    ["GET", "/oauth2/page.css", "GET /oauth2/page.css"],
  ])("%s %s is %s", (method, url, operation) => {
    expect(identified(method, url).operation).toBe(operation);
  });

  it("of the API are named by their target", () => {
    const headers = { "x-amz-target": "AWSCognitoIdentityProviderService.RevokeToken" };
    expect(identified("POST", "/", headers, '{"ClientId":"a"}')).toEqual({
      operation: "RevokeToken",
      request: { ClientId: "a" },
    });
  });

  it("tell what a form holds, but no passwords, codes and tokens", () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const form = "grant_type=authorization_code&code=c1&code_verifier=v1&password=p1&token=t1&client_id=a";
    expect(identified("POST", "/oauth2/token", headers, form).request).toEqual({
      grant_type: "authorization_code",
      code: "(secret)",
      code_verifier: "(secret)",
      password: "(secret)",
      token: "(secret)",
      client_id: "a",
    });
  });
});
