import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { acceptsGzip, compressed, fitsAnswer } from "../../../middleware/compress.ts";
import { type HttpRequest, normalizeEvent } from "../../../middleware/http-event.ts";
import { toJson } from "../../../middleware/reply.ts";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";

const requestWith = (headers: Record<string, string>): HttpRequest =>
  normalizeEvent(gatewayEvent({ method: "GET", path: "/", headers }));
const asking = (accepted?: string) => requestWith(accepted === undefined ? {} : { "accept-encoding": accepted });

describe("a client", () => {
  it.each([
    ["gzip", true],
    ["br, gzip;q=0.8, *;q=0.1", true],
    ["*", true],
    [" GZIP ", true],
    ["gzip;q=0.001", true],
    ["gzip;q=0", false],
    ["gzip;q=0.000, br", false],
    ["br, deflate", false],
    ["identity", false],
    ["xgzip", false],
    ["", false],
    [`${"a,".repeat(600)}gzip`, false],
  ])("that accepts %j takes gzip: %s", (accepted, takes) => {
    expect(acceptsGzip(asking(accepted))).toBe(takes);
  });

  it("that says nothing takes none", () => {
    expect(acceptsGzip(asking())).toBe(false);
  });
});

describe("an answer", () => {
  const long = { statusCode: 200, headers: { Vary: "Origin" }, body: "x".repeat(1_048_576) };

  it("that is short stays as it is", () => {
    const short = { ...long, body: "{}" };
    expect(compressed(short, asking("gzip"))).toEqual(short);
  });

  it("that is long is compressed for who takes that, and says that it depends on it", () => {
    const answer = compressed(long, asking("gzip"));
    expect(answer).toMatchObject({
      isBase64Encoded: true,
      headers: { Vary: "Origin, Accept-Encoding", "Content-Encoding": "gzip" },
    });
    expect(gunzipSync(Buffer.from(answer.body, "base64")).toString()).toBe(long.body);
    expect(compressed(long, asking("br"))).toEqual({ ...long, headers: { Vary: "Origin, Accept-Encoding" } });
  });
});

describe("a text fits into an answer", () => {
  const room = 6_000_000 - 100_000;

  it("of any characters if and only if what Lambda is given is short enough", () => {
    const unit = fc.constantFrom("a", "ü", "🙂", '"', "\\", "\n", "\t", "\u0001", "\u001f", "\u007f");
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 20 }), (units) => {
        const pattern = units.join("");
        const bytes = Buffer.byteLength(JSON.stringify(toJson(pattern))) - Buffer.byteLength('"\\"\\""');
        const most = Math.floor(room / bytes);
        expect(fitsAnswer(pattern.repeat(most), 1, asking())).toBe(true);
        expect(fitsAnswer(pattern.repeat(most + 1), 1, asking())).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it("twice where half of it does once; compressed it always does", () => {
    const text = "a".repeat(room / 2);
    expect([fitsAnswer(text, 2, asking()), fitsAnswer(`${text}a`, 2, asking())]).toEqual([true, false]);
    expect(fitsAnswer("\u0001".repeat(1_048_576), 2, asking("gzip"))).toBe(true);
  });
});
