import { describe, expect, it } from "@jest/globals";
import { readFunctionResult } from "../../../../scripts/local/cdn/function-result.ts";

const sent = {
  clientIp: "127.0.0.1",
  method: "GET",
  uri: "/app/",
  querystring: "",
  headers: { host: [{ key: "Host", value: "h" }], cookie: [{ key: "Cookie", value: "a=b" }] },
};
const read = (value: unknown) => readFunctionResult(JSON.stringify(value), sent);

describe("a request that a function returns", () => {
  it("goes on to its path", () => {
    expect(read({ ...sent, uri: "/app/index.html" })).toEqual({ kind: "forward", uri: "/app/index.html" });
  });

  it("may have other headers, but not of the forbidden ones", () => {
    expect(read({ ...sent, headers: { host: sent.headers.host, "x-mine": [{ value: "1" }] } })).toMatchObject({
      kind: "forward",
    });
    const withUpgrade = { ...sent, headers: { ...sent.headers, upgrade: [{ key: "Upgrade", value: "h2c" }] } };
    expect(read(withUpgrade)).toEqual({ kind: "invalid", reason: expect.stringContaining("upgrade") });
  });

  it.each([
    ["no leading slash", { uri: "app" }, "uri"],
    ["another method", { method: "HEAD" }, "method"],
    ["another address of the viewer", { clientIp: "10.0.0.1" }, "clientIp"],
    ["another host", { headers: { host: [{ key: "Host", value: "other" }] } }, "host"],
    ["no host", { headers: {} }, "host"],
  ])("is not taken with %s", (_, change, reason) => {
    expect(read({ ...sent, ...change })).toEqual({ kind: "invalid", reason: expect.stringContaining(reason) });
  });
});

describe("a response that a function returns", () => {
  it("has its status, its lines of headers and its body", () => {
    const headers = {
      location: [{ key: "Location", value: "/x" }],
      "set-cookie": [{ value: "a=b" }, { value: "c=d" }],
    };
    expect(read({ status: "302", statusDescription: "Found", headers })).toEqual({
      kind: "response",
      status: 302,
      statusDescription: "Found",
      headers: [
        ["location", "/x"],
        ["set-cookie", "a=b"],
        ["set-cookie", "c=d"],
      ],
      body: Buffer.alloc(0),
    });
    expect(read({ status: 200, body: "aGk=", bodyEncoding: "base64" })).toMatchObject({ body: Buffer.from("hi") });
  });

  it.each([
    ["a status that is none", { status: "abc" }, "status"],
    ["an interim status", { status: "101" }, "status"],
    ["a line break in its description", { status: "200", statusDescription: "a\nb" }, "statusDescription"],
    ["a header in capitals", { status: "200", headers: { Location: [{ value: "/" }] } }, "Location"],
    ["a key of another header", { status: "200", headers: { location: [{ key: "Age", value: "/" }] } }, "Age"],
    ["a line break in a header", { status: "200", headers: { location: [{ value: "/\r\na: b" }] } }, "location"],
    ["a header that is no list", { status: "200", headers: { location: "/" } }, "headers"],
    [
      "a header that CloudFront keeps to itself",
      { status: "200", headers: { "x-cache": [{ value: "Hit" }] } },
      "x-cache",
    ],
    ["one by its beginning", { status: "200", headers: { "x-amz-cf-id": [{ value: "1" }] } }, "x-amz-cf-id"],
    ["a length of its own", { status: "200", headers: { "content-length": [{ value: "1" }] } }, "content-length"],
    ["a body that is no text", { status: "200", body: { a: 1 } }, "body"],
    ["another encoding", { status: "200", body: "", bodyEncoding: "hex" }, "bodyEncoding"],
  ])("is not taken with %s", (_, response, reason) => {
    expect(read(response)).toEqual({ kind: "invalid", reason: expect.stringContaining(reason) });
  });

  it("may be 40 KB large, headers and body together", () => {
    const headers = { "x-a": [{ value: "1234567" }] };
    expect(read({ status: "200", headers, body: "x".repeat(40 * 1024 - 10) }).kind).toBe("response");
    expect(read({ status: "200", headers, body: "x".repeat(40 * 1024 - 9) })).toMatchObject({
      kind: "invalid",
      reason: expect.stringContaining("40 KB"),
    });
  });
});

it.each(["null", '"text"', "", "5"])("what is neither (%s) is not taken", (payload) => {
  expect(readFunctionResult(payload, sent).kind).toBe("invalid");
});
