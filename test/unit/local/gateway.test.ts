import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { httpAnswer } from "../../../scripts/local/gateway/http-answer.ts";
import { httpEvent } from "../../../scripts/local/gateway/http-event.ts";
import { createRoutes } from "../../../scripts/local/gateway/routes.ts";

describe("routes", () => {
  const findRoute = createRoutes({
    other: { name: "other", events: [{ httpApi: "*" }] },
    rooms: {
      name: "rooms",
      events: [
        { httpApi: "GET /rooms/{room}" },
        { httpApi: "GET /rooms/first" },
        { httpApi: { method: "*", path: "/files/{path+}" } },
        { httpApi: { method: "post", path: "/signed", authorizer: { type: "aws_iam" } } },
      ],
    },
  });

  it.each([
    ["GET", "/rooms/7", "GET /rooms/{room}", { room: "7" }],
    ["GET", "/rooms/a%20b%2Fc", "GET /rooms/{room}", { room: "a b/c" }],
    ["GET", "/rooms/%zz", "GET /rooms/{room}", { room: "%zz" }],
    ["GET", "/rooms/first", "GET /rooms/first", undefined],
    ["PUT", "/files/a/b", "ANY /files/{path+}", { path: "a/b" }],
    ["POST", "/rooms/7", "$default", undefined],
    ["OPTIONS", "/rooms/7", "$default", undefined],
    ["GET", "/rooms/first/", "$default", undefined],
    ["GET", "/", "$default", undefined],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    expect(findRoute(method, path)).toMatchObject({ routeKey });
    expect(findRoute(method, path)?.pathParameters).toEqual(pathParameters);
  });

  it("knows which routes want a signature", () => {
    expect(findRoute("POST", "/signed")?.requiresSignature).toBe(true);
    expect(findRoute("GET", "/rooms/7")?.requiresSignature).toBe(false);
  });
});

describe("events", () => {
  function eventOf(rawHeaders: string[], body = "", rawQueryString = "") {
    const incoming = {
      rawHeaders,
      httpVersion: "1.1",
      socket: { remoteAddress: "127.0.0.1" },
    } as unknown as IncomingMessage;
    const request = { method: "POST", rawPath: "/a%20b", rawQueryString, body: Buffer.from(body, "latin1") };
    const route = { routeKey: "$default", functionName: "f", requiresSignature: false, pathParameters: undefined };
    return httpEvent(incoming, request, route);
  }

  it("has cookies apart from the other headers, one entry each, odd ones included", () => {
    const event = eventOf(["Host", "api:3000", "Cookie", "a=b; garbage;;=", "cookie", "a=c"]);
    expect(event.cookies).toEqual(["a=b", "garbage", "=", "a=c"]);
    expect(event.headers.cookie).toBeUndefined();
  });

  it("joins repeated headers and parameters by commas and names headers in lower case", () => {
    const event = eventOf(["X-A", "1", "x-a", "2"], "", "q=1&q=2&r=a%20b+c&s");
    expect(event.headers["x-a"]).toBe("1,2");
    expect(event.queryStringParameters).toEqual({ q: "1,2", r: "a b c", s: "" });
    expect(event.rawQueryString).toBe("q=1&q=2&r=a%20b+c&s");
  });

  it("leaves out what is not there", () => {
    const event = eventOf([]);
    expect(event).not.toHaveProperty("body");
    expect(event).not.toHaveProperty("cookies");
    expect(event).not.toHaveProperty("queryStringParameters");
    expect(event).not.toHaveProperty("pathParameters");
    expect(event.isBase64Encoded).toBe(false);
  });

  it.each([
    ["application/json; charset=utf-8", "{bad", "{bad", false],
    ["application/problem+json", "{}", "{}", false],
    ["text/markdown", "# a", "# a", false],
    ["application/octet-stream", "\xff\x00", "/wA=", true],
    ["application/x-www-form-urlencoded", "a=b", "YT1i", true],
  ])("hands on a body of %s as API Gateway does", (type, body, expected, isBase64Encoded) => {
    expect(eventOf(["content-type", type], body)).toMatchObject({ body: expected, isBase64Encoded });
  });

  it("says who asked for what, with an id of its own for each request", () => {
    const [first, second] = [eventOf(["User-Agent", "curl"]), eventOf([])];
    expect(first).toMatchObject({ version: "2.0", rawPath: "/a%20b", routeKey: "$default" });
    expect(first.requestContext).toMatchObject({ stage: "$default", routeKey: "$default" });
    expect(first.requestContext.http).toEqual({
      method: "POST",
      path: "/a%20b",
      protocol: "HTTP/1.1",
      sourceIp: "127.0.0.1",
      userAgent: "curl",
    });
    expect(first.requestContext.requestId).not.toBe(second.requestContext.requestId);
  });
});

describe("answers", () => {
  it("takes status, headers, cookies and a Base64 body from the function", () => {
    const payload = {
      statusCode: 201,
      headers: { "X-A": 1 },
      cookies: ["a=b", "c=d, e"],
      body: "/wA=",
      isBase64Encoded: true,
    };
    expect(httpAnswer(JSON.stringify(payload))).toEqual({
      status: 201,
      headers: { "content-type": "text/plain; charset=utf-8", "x-a": "1", "set-cookie": ["a=b", "c=d, e"] },
      body: Buffer.from([0xff, 0]),
    });
  });

  it.each([
    ['{"a":1}', '{"a":1}'],
    ['"text"', "text"],
    ["null", "null"],
  ])("takes %s without a status code for the body of a 200", (payload, body) => {
    expect(httpAnswer(payload)).toEqual({
      status: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(body),
    });
  });
});
