import { httpFunction } from "@enceladus/middleware/http-function";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { afterAll, describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { type EventParts, gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { logDuring } from "../../support/captured-log.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
Object.assign(process.env, issuer.environment(), { AWS_LAMBDA_FUNCTION_NAME: "some-function" });

const read = operation({
  id: "readSomething",
  method: "GET",
  path: "/api/v1/something",
  tag: "test",
  summary: "Reads something",
  auth: ["cookie"],
  scope: "projects:read",
  responses: { 200: { description: "It", schema: z.object({}) } },
  handler: async () => reply(200, { success: true }),
});
const handler = httpFunction([read]);

function logOf(parts: Partial<EventParts>) {
  const event = gatewayEvent({ method: "GET", path: "/api/v1/something", ...parts });
  return logDuring(() => handler(event, { awsRequestId: "none" }));
}

afterAll(() => issuer.stop());

describe("F14: a refused credential", () => {
  it("is one line that tells where, why and with which cookies, and a count by its reason", async () => {
    const cookie = "theme=dark; enceladus_id_token=secret.token.value; other=secret";
    const { lines, text } = await logOf({ headers: { cookie, "x-amz-cf-id": "edge-1" }, cookies: ["last=secret"] });
    const failures = lines.filter(({ message }) => message === "auth_failure");
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      level: "WARN",
      requestId: "11111111-2222-3333-4444-555555555555",
      edge_request_id: "edge-1",
      function: "some-function",
      method: "GET",
      path: "/api/v1/something",
      reason: "malformed",
      cookie_names: ["theme", "enceladus_id_token", "other", "last"],
      has_event_cookies: true,
      has_internal_key: false,
    });
    expect(lines).toContainEqual(expect.objectContaining({ auth_failure: 1, reason: "malformed" }));
    expect(text).not.toContain("secret");
  });

  it.each([
    ["no_credential", {}],
    ["expired", { headers: { cookie: `enceladus_id_token=${issuer.token({ exp: 1 })}` } }],
    ["issuer", { headers: { cookie: `enceladus_id_token=${issuer.token({ iss: "https://other.example" })}` } }],
    ["unknown_kid", { headers: { cookie: `enceladus_id_token=${issuer.token({}, { kid: "other" })}` } }],
  ] as const)("has the reason %s", async (reason, parts) => {
    const { lines } = await logOf(parts);
    expect(lines).toContainEqual(expect.objectContaining({ message: "auth_failure", reason }));
  });

  it("is told in a line of bounded length, whatever the caller makes up", async () => {
    const cookie = Array.from({ length: 2_000 }, (_, n) => `${n}${"x".repeat(500)}=1`).join(";");
    const { lines } = await logOf({ path: `/api/v1/${"p".repeat(9_000)}`, headers: { cookie } });
    const failure = lines.find(({ message }) => message === "auth_failure");
    expect(JSON.stringify(failure).length).toBeLessThan(4_000);
  });
});

describe("a request that is served", () => {
  it("is one line that names nobody", async () => {
    const { lines, text } = await logOf({ headers: { cookie: `enceladus_id_token=${issuer.token()}` } });
    expect(lines).toEqual([
      expect.objectContaining({
        message: "request",
        function: "some-function",
        route: "GET /api/v1/something",
        status: 200,
        auth_mode: "cognito",
        sub_hash: expect.stringMatching(/^[0-9a-f]{12}$/),
      }),
    ]);
    expect(text).not.toMatch(/ada@example|11111111-2222-4333/);
  });
});
