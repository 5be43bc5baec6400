import { normalizeEvent } from "@enceladus/middleware/http-event";
import { idempotencyKey } from "@enceladus/middleware/idempotency-key";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

function key(header: string | undefined, body: Record<string, unknown> = {}) {
  return idempotencyKey(normalizeEvent({ headers: { "Idempotency-Key": header } }), body);
}

describe("the key of a request", () => {
  it("is in the header or in the body, or there is none", () => {
    expect(key("abc")).toBe("abc");
    expect(key(undefined, { idempotency_key: "abc" })).toBe("abc");
    expect(key("abc", { idempotency_key: "abc" })).toBe("abc");
    expect(key(undefined)).toBeUndefined();
    expect(key(undefined, { idempotency_key: null })).toBeUndefined();
  });

  it("has 1 to 128 printable ASCII characters, and nothing else is one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const isKey = text.length >= 1 && text.length <= 128 && [...text].every((c) => c >= " " && c <= "~");
        const read = () => key(text);
        if (isKey) expect(read()).toBe(text);
        else expect(read).toThrow("128 printable ASCII");
      }),
    );
    expect(key("~".repeat(128))).toHaveLength(128);
    expect(() => key("~".repeat(129))).toThrow();
    expect(() => key("")).toThrow();
    expect(() => key(undefined, { idempotency_key: 1 })).toThrow();
  });

  it("is not guessed where header and body differ", () => {
    expect(() => key("a", { idempotency_key: "b" })).toThrow("differ");
  });
});
