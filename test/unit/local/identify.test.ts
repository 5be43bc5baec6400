import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "@jest/globals";
import type { ServiceName } from "../../../scripts/local/aws-services.ts";
import { identify } from "../../../scripts/local/wire/identify.ts";

function identifiedBy(
  service: ServiceName,
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body = "",
) {
  const incoming = { method, url, headers } as unknown as IncomingMessage;
  const { operation, request } = identify(service, incoming, Buffer.from(body));
  return { operation, request: request() };
}

const identified = (method: string, url: string, headers?: Record<string, string>, body?: string) =>
  identifiedBy("cognito", method, url, headers, body);

describe("calls of Lambda", () => {
  const path = "/2015-03-31/functions/doc-prep-dev/invocations";

  it("that invoke say which function, how, and with what event", () => {
    expect(identifiedBy("lambda", "POST", path, { "x-amz-invocation-type": "Event" }, '{"project_id":"p"}')).toEqual({
      operation: "Invoke",
      request: { FunctionName: "doc-prep-dev", InvocationType: "Event", Payload: { project_id: "p" } },
    });
    expect(identifiedBy("lambda", "POST", path).request).toMatchObject({ InvocationType: "RequestResponse" });
  });

  it("name a function by its ARN too", () => {
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:doc-prep-dev";
    const { request } = identifiedBy("lambda", "POST", path.replace("doc-prep-dev", encodeURIComponent(arn)));
    expect(request).toMatchObject({ FunctionName: arn });
  });

  it("that do something else are named by their path", () => {
    expect(identifiedBy("lambda", "GET", "/2015-03-31/functions/").operation).toBe("GET /2015-03-31/functions/");
  });
});

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
