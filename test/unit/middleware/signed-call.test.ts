import { httpFunction } from "@enceladus/middleware/http-function";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

const handler = httpFunction([
  operation({
    id: "prepareThing",
    method: "POST",
    path: "/api/v1/preparations/{id}",
    summary: "Prepares a thing",
    tag: "things",
    auth: "iam",
    readOnly: true,
    params: z.object({ id: z.string() }),
    responses: { 200: { description: "Prepared", schema: z.object({}) } },
    handler: async ({ params, caller, onceKey, preconditions }) =>
      reply(200, { id: params.id, sub: caller.sub, onceKey, preconditions }),
  }),
]);

function call(method: string, headers: Record<string, string> = {}) {
  return handler(gatewayEvent({ method, path: "/api/v1/preparations/a", headers }), { awsRequestId: "none" });
}

describe("a call that the gateway or Lambda has let in by its signature", () => {
  it.each<[string, Record<string, string>]>([
    ["without any credential", {}],
    ["with a cookie that is no good", { cookie: "enceladus_id_token=garbage" }],
    ["with a signature, of which nothing is read", { Authorization: "AWS4-HMAC-SHA256 Credential=x" }],
    ["with a key, of which nothing is read", { "X-Coordination-Internal-Key": "wrong" }],
    ["from a foreign page", { Origin: "https://evil.example.com" }],
  ])("gets through %s", async (_, headers) => {
    const { statusCode, body } = await call("POST", headers);
    expect([statusCode, JSON.parse(body)]).toEqual([200, { id: "a", sub: "", preconditions: {} }]);
  });

  it("takes no heed of what only a change would, where it says that it is none", async () => {
    // There is no table of answers here: whoever looked for one would fail.
    const { statusCode, body } = await call("POST", { "Idempotency-Key": "é", "If-Match": "nonsense" });
    expect([statusCode, JSON.parse(body)]).toEqual([200, { id: "a", sub: "", preconditions: {} }]);
  });

  it("is told of a wrong method, and answered as a preflight", async () => {
    expect(await call("GET")).toMatchObject({ statusCode: 405, headers: { Allow: "POST, OPTIONS" } });
    expect(await call("OPTIONS")).toMatchObject({ statusCode: 204, body: "" });
  });
});
