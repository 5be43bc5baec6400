import { normalizeEvent } from "@enceladus/middleware/http-event";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

describe("an event is brought into one shape", () => {
  it("from payload 2.0", () => {
    const request = normalizeEvent({
      rawPath: "/api/v1/things/",
      headers: { Origin: "https://app.example.com" },
      cookies: ["a=1"],
      queryStringParameters: { limit: "5" },
      body: "{}",
      requestContext: { stage: "$default", requestId: "r", http: { method: "get", path: "/api/v1/things/" } },
    });
    expect(request).toMatchObject({
      method: "GET",
      path: "/api/v1/things",
      headers: { origin: "https://app.example.com" },
      cookieLines: ["a=1"],
      query: { limit: "5" },
      requestId: "r",
      payloadVersion: "2.0",
    });
  });

  it("from payload 1.0", () => {
    const request = normalizeEvent({
      httpMethod: "POST",
      path: "/prod/api/v1/things",
      headers: null,
      multiValueHeaders: { Cookie: ["a=1", "b=2"] },
      queryStringParameters: null,
      body: null,
      requestContext: { stage: "prod" },
    });
    expect(request).toMatchObject({
      method: "POST",
      path: "/api/v1/things",
      headers: {},
      cookieLines: ["a=1", "b=2"],
      query: {},
      rawBody: "",
      payloadVersion: "1.0",
    });
  });

  it.each([
    ["/prod", "/"],
    ["/prod/", "/"],
    ["/production/x", "/production/x"],
    ["/x/prod", "/x/prod"],
    ["/", "/"],
  ])("drops the stage from %s: %s", (rawPath, path) => {
    expect(normalizeEvent({ rawPath, requestContext: { stage: "prod" } }).path).toBe(path);
  });

  it("never throws on anything that has the types of an event", () => {
    const texts = fc.dictionary(fc.string(), fc.option(fc.string(), { nil: undefined }));
    const event = fc.record(
      {
        rawPath: fc.string(),
        httpMethod: fc.string(),
        headers: fc.option(texts),
        cookies: fc.jsonValue(),
        queryStringParameters: fc.option(texts),
        body: fc.option(fc.string()),
        requestContext: fc.record({ stage: fc.string(), requestId: fc.string() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(event, (generated) => {
        const request = normalizeEvent(generated);
        expect(Object.keys(request.headers).every((name) => name === name.toLowerCase())).toBe(true);
      }),
    );
  });
});
