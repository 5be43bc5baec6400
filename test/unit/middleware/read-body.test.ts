import { normalizeEvent } from "@enceladus/middleware/http-event";
import { readBody } from "@enceladus/middleware/read-body";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

function read(body: string | null | undefined, options: { base64?: boolean; limit?: number } = {}) {
  const request = normalizeEvent({ ...(body !== undefined && { body }), isBase64Encoded: options.base64 ?? false });
  return readBody(request, options.limit);
}

function refusal(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe("a body", () => {
  it.each([undefined, null, "", "  \n"])("%j reads as {}", (body) => {
    expect(read(body)).toStrictEqual({});
  });

  it("is read from base64 where the gateway says so", () => {
    expect(read(Buffer.from('{"a":"é"}').toString("base64"), { base64: true })).toStrictEqual({ a: "é" });
  });

  it("that is not UTF-8 is refused: a byte is never replaced", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
    const refused = { code: "INVALID_INPUT", message: "The body is not UTF-8." };
    expect(refusal(() => read(bytes.toString("base64"), { base64: true }))).toMatchObject(refused);
  });

  it.each(["{", "{'a':1}", "undefined", '{"a":1}}', '{"a":"\\ud800"}'])("%j is no JSON", (body) => {
    expect(refusal(() => read(body))).toMatchObject({ code: "INVALID_INPUT", message: "Invalid JSON body." });
  });

  it.each(["1e400", "-1E+999", `${"9".repeat(310)}`, `${"9".repeat(250)}e99`])("that holds %s is no JSON", (number) => {
    for (const body of [`{"a":${number}}`, `{"a":[{"b":${number}}]}`]) {
      expect(refusal(() => read(body))).toMatchObject({ code: "INVALID_INPUT", message: "Invalid JSON body." });
    }
  });

  it("may hold large numbers, and texts that only look like them", () => {
    const body = { a: 1e308, b: 1e-320, c: "1e400", d: "deadbeef1e4567", e: "9".repeat(400) };
    expect(read(JSON.stringify(body))).toStrictEqual(body);
  });

  it.each(["[]", "null", "5", '"text"', "true"])("%j is no object", (body) => {
    expect(refusal(() => read(body))).toMatchObject({ code: "INVALID_INPUT", message: "JSON body must be an object." });
  });

  it("may have as many bytes as the limit, not one more; characters do not count", () => {
    const body = JSON.stringify({ a: "ééé" });
    expect(read(body, { limit: 14 })).toStrictEqual({ a: "ééé" });
    expect(refusal(() => read(body, { limit: 13 }))).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      details: { limit_bytes: 13 },
    });
  });

  it("is an object or a refusal, whatever is sent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), fc.boolean(), (body, base64) => {
        const outcome = refusal(() => read(body, { base64 }));
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "INVALID_INPUT" });
        else expect(typeof outcome).toBe("object");
      }),
    );
  });
});
