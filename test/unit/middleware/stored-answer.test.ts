import { randomBytes } from "node:crypto";
import { reply, toJson } from "@enceladus/middleware/reply";
import { packed, unpacked } from "@enceladus/middleware/stored-answer";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

describe("an answer that is kept", () => {
  it("comes back byte for byte, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3_000 }), (value, repeats) => {
        const body = { success: true, value, filler: "filler".repeat(repeats) };
        expect(toJson(unpacked(packed(reply(201, body))).body)).toBe(toJson(body));
      }),
    );
  });

  it("comes back with its status and headers, and says that it was replayed", () => {
    expect(unpacked(packed(reply(204, undefined, { ETag: '"3"' })))).toEqual({
      status: 204,
      body: undefined,
      headers: { ETag: '"3"', "Idempotency-Replayed": "true" },
    });
  });

  it("is compressed where that pays", () => {
    const short = packed(reply(200, { text: "x".repeat(1_000) }));
    const long = packed(reply(200, { text: "x".repeat(1_000_000) }));
    expect(short).toHaveProperty("text");
    expect(long.gzip?.byteLength).toBeLessThan(5_000);
    expect(long).not.toHaveProperty("text");
  });

  it("fits into a row, or is not kept at all: the effect is told of, not repeated", () => {
    const stored = packed(reply(200, { text: randomBytes(400_000).toString("base64") }));
    expect(stored).toEqual({ status: 200, headers: {}, omitted: true });
    expect(() => unpacked(stored)).toThrow("carried out before");
  });
});
