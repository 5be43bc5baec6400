import { describe, expect, it } from "@jest/globals";
import { isTooLong } from "../../../../scripts/local/cdn/request-limits.ts";
import { viewerRequest, viewerRequestEvent } from "../../../../scripts/local/cdn/viewer-request.ts";

const incoming = (url: string, rawHeaders: string[] = [], method = "GET") => ({
  method,
  url,
  rawHeaders,
  socket: { remoteAddress: "127.0.0.1" },
});

describe("the request that a function sees", () => {
  it("has path and query as they were written, apart from each other", () => {
    expect(viewerRequest(incoming("/a%20b/%zz?q=a%20b&q=?"))).toEqual({
      clientIp: "127.0.0.1",
      headers: {},
      method: "GET",
      uri: "/a%20b/%zz",
      querystring: "q=a%20b&q=?",
    });
    expect(viewerRequest(incoming("/a?"))).toMatchObject({ uri: "/a", querystring: "" });
  });

  it("names headers in lower case, beside the viewer's own spelling, one entry for each line", () => {
    const rawHeaders = ["Host", "h:1", "COOKIE", "a=b", "cookie", "c=d; e=f", "X-Odd", ""];
    expect(viewerRequest(incoming("/", rawHeaders)).headers).toEqual({
      host: [{ key: "Host", value: "h:1" }],
      cookie: [
        { key: "COOKIE", value: "a=b" },
        { key: "cookie", value: "c=d; e=f" },
      ],
      "x-odd": [{ key: "X-Odd", value: "" }],
    });
  });

  it("lacks the headers that CloudFront shows to no function", () => {
    const rawHeaders = [
      "Connection",
      "keep-alive",
      "X-Forwarded-Proto",
      "http",
      "X-Edge-Anything",
      "1",
      "Accept",
      "*/*",
    ];
    expect(Object.keys(viewerRequest(incoming("/", rawHeaders)).headers)).toEqual(["accept"]);
  });

  it("comes in an event that names the distribution and the request", () => {
    const identity = { distributionDomainName: "d.example.com", distributionId: "E1", requestId: "r" };
    const request = viewerRequest(incoming("/a"));
    expect(viewerRequestEvent(request, identity)).toEqual({
      Records: [{ cf: { config: { ...identity, eventType: "viewer-request" }, request } }],
    });
  });
});

describe("the length of a request", () => {
  const cookie = (length: number) => ["Cookie", "x".repeat(length)];

  it.each([
    ["an address of 8,192 characters", incoming(`/${"a".repeat(8_191)}`), false],
    ["one character more", incoming(`/${"a".repeat(8_192)}`), true],
    ["headers of 20,000 bytes", incoming("/", cookie(20_000)), false],
    ["headers of 20,480 bytes and the line before them", incoming("/", cookie(20_480)), true],
    ["many small headers", incoming("/", Array.from({ length: 2_000 }, () => ["x-a", "12345"]).flat()), true],
  ])("of %s", (_, request, expected) => {
    expect(isTooLong(request)).toBe(expected);
  });
});
