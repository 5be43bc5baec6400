import { allowedOrigins, corsHeaders, isForeignOrigin } from "@enceladus/middleware/cors";
import { normalizeEvent } from "@enceladus/middleware/http-event";
import { afterEach, describe, expect, it } from "@jest/globals";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

afterEach(() => {
  delete process.env.CORS_ORIGIN;
});

const originOf = (origin?: string) => corsHeaders(origin)["Access-Control-Allow-Origin"];

describe("the allowed origin", () => {
  it("is the default one while none is configured", () => {
    process.env.CORS_ORIGIN = " , ";
    expect(allowedOrigins()).toStrictEqual(["https://app.example.com"]);
    expect(originOf()).toBe("https://app.example.com");
  });

  it("echoes a listed origin, and is the first listed one for all others", () => {
    process.env.CORS_ORIGIN = "https://one.example.com, https://two.example.com";
    expect(originOf("https://two.example.com")).toBe("https://two.example.com");
    expect(originOf("https://three.example.com")).toBe("https://one.example.com");
    expect(originOf("null")).toBe("https://one.example.com");
    expect(originOf()).toBe("https://one.example.com");
  });
});

describe("a changing request is foreign", () => {
  const isForeign = (method: string, headers: Record<string, string>) =>
    isForeignOrigin(normalizeEvent(gatewayEvent({ method, path: "/", headers })));

  it.each(["POST", "PUT", "PATCH", "DELETE"])("by %s from another origin", (method) => {
    expect(isForeign(method, { origin: "https://evil.example.com" })).toBe(true);
    expect(isForeign(method, { origin: "null" })).toBe(true);
    expect(isForeign(method, { origin: "" })).toBe(true);
    expect(isForeign(method, { "sec-fetch-site": "cross-site" })).toBe(true);
  });

  it.each(["GET", "HEAD", "OPTIONS"])("never by %s, which changes nothing", (method) => {
    expect(isForeign(method, { origin: "https://evil.example.com" })).toBe(false);
  });

  it("not from the listed origin, nor without any sign of a browser", () => {
    expect(isForeign("POST", { origin: "https://app.example.com", "sec-fetch-site": "cross-site" })).toBe(false);
    expect(isForeign("POST", { "sec-fetch-site": "same-origin" })).toBe(false);
    expect(isForeign("POST", {})).toBe(false);
  });
});
