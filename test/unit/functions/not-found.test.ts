import { describe, expect, it } from "@jest/globals";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

process.env.COORDINATION_INTERNAL_API_KEY = "the-internal-key-of-this-test";
process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
delete process.env.INTERNAL_KEY_SECRET;

const { handler } = await import("../../../functions/not-found/handler.ts");
const known = { "x-coordination-internal-key": "the-internal-key-of-this-test" };

function call(method: string, path: string, headers: Record<string, string> = known) {
  return handler(gatewayEvent({ method, path, headers }), { awsRequestId: "none" });
}

describe("whatever no function declares", () => {
  it.each(["/", "/api/v1", "/api/v1/nothing", "/api/v1/projects/alpha/beta/gamma", "/wp-login.php", "/%E0%A4%A"])(
    "%s is a 404 to those who may call, with CORS and without being cached",
    async (path) => {
      const response = await call("GET", path);
      expect(response).toMatchObject({
        statusCode: 404,
        headers: { "Cache-Control": "no-store", "Access-Control-Allow-Credentials": "true" },
      });
      expect(JSON.parse(response.body)).toMatchObject({
        error: "No route matched.",
        error_envelope: { code: "NOT_FOUND" },
      });
    },
  );

  it("is a 405 with Allow where the path is known", async () => {
    const response = await call("DELETE", "/api/v1/projects");
    expect(response).toMatchObject({ statusCode: 405, headers: { Allow: "GET, POST, OPTIONS" } });
    expect(JSON.parse(response.body)).toMatchObject({
      allow: ["GET", "POST", "OPTIONS"],
      error_envelope: { code: "METHOD_NOT_ALLOWED" },
    });
  });

  it("is a 404 where method and path are known but the gateway did not lead there", async () => {
    expect(await call("GET", "/projects")).toMatchObject({ statusCode: 404 });
    expect(await call("DELETE", "/projects")).toMatchObject({ statusCode: 404 });
    expect(await call("GET", "/api/v1/projects/")).toMatchObject({ statusCode: 404 });
  });

  it.each(["/api/v1/projects", "/api/v1/nothing"])(
    "is a 401 to strangers, who learn nothing about %s",
    async (path) => {
      for (const method of ["GET", "DELETE"]) expect(await call(method, path, {})).toMatchObject({ statusCode: 401 });
    },
  );

  it.each(["/api/v1/projects", "/api/v1/nothing", "/"])("answers a preflight on %s", async (path) => {
    expect(await call("OPTIONS", path, {})).toMatchObject({ statusCode: 204, body: "" });
  });
});
