import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "@jest/globals";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

// A pool that the local one cannot be: it replaces refresh tokens, or answers without what it was asked for.
let answer: object = {};
const pool = createServer((request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
  });
});
pool.listen(0, "127.0.0.1").unref();
await once(pool, "listening");

Object.assign(process.env, {
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: `http://127.0.0.1:${(pool.address() as AddressInfo).port}`,
  AWS_REGION: "us-east-1",
  COGNITO_USER_POOL_ID: "us-east-1_Test00000",
  COGNITO_CLIENT_ID: "test-client",
  POWERTOOLS_LOG_LEVEL: "SILENT",
});
const { handler } = await import("../../../functions/auth-refresh/handler.ts");

async function refresh() {
  const headers = { cookie: "enceladus_refresh_token=old" };
  const event = gatewayEvent({ method: "POST", path: "/api/v1/auth/refresh", headers });
  return handler(event, { awsRequestId: "none" });
}

afterAll(() => {
  pool.close();
  pool.closeAllConnections();
});

describe("F13: a user pool that answers without an id token", () => {
  it.each([
    {},
    { AuthenticationResult: {} },
    { AuthenticationResult: { AccessToken: "x", RefreshToken: "new" } },
    { AuthenticationResult: { IdToken: "" } },
    { ChallengeName: "SMS_MFA", Session: "x" },
  ])("logs nobody out: %j", async (said) => {
    answer = said;
    const response = await refresh();
    expect(response.statusCode).toBe(503);
    expect(response.cookies).toBeUndefined();
    expect(JSON.parse(response.body)).toMatchObject({ error: "refresh_unavailable" });
  });
});

describe("F6: a user pool that replaces refresh tokens", () => {
  it("has its new one kept, behind the other cookies", async () => {
    answer = { AuthenticationResult: { IdToken: "a.b.c", RefreshToken: "new/+" } };
    const { statusCode, cookies = [] } = await refresh();
    expect(statusCode).toBe(200);
    expect(cookies.map((cookie) => cookie.split("=")[0])).toEqual([
      "enceladus_id_token",
      "enceladus_session_at",
      "enceladus_refresh_token",
    ]);
    expect(cookies[2]).toBe(
      "enceladus_refresh_token=new%2F%2B; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=2592000",
    );
  });
});
