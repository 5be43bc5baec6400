import { decodeCursor, encodeCursor } from "@enceladus/shared/cursor";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

const scope = { project: "alpha", status: "open" };
const invalid = { code: "INVALID_INPUT", message: "Invalid pagination cursor." };

function outcome(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe("a cursor", () => {
  it("leads back to where it was made", () => {
    const part = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer());
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), part), (position) => {
        expect(decodeCursor(encodeCursor(position, scope), scope)).toStrictEqual({ ...position });
      }),
    );
  });

  it("continues no other list", () => {
    const cursor = encodeCursor({ id: "5" }, scope);
    expect(outcome(() => decodeCursor(cursor, { ...scope, status: "closed" }))).toMatchObject(invalid);
    expect(outcome(() => decodeCursor(cursor, undefined))).toMatchObject(invalid);
  });

  it.each(["", "x", "bnVsbA", "W10", "e30", "eyJwIjp7fX0"])("%j is none", (cursor) => {
    expect(outcome(() => decodeCursor(cursor, scope))).toMatchObject(invalid);
  });

  it("is a position or a refusal, whatever is sent", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.json().map((text) => Buffer.from(text).toString("base64url")),
        ),
        (cursor) => {
          expect(outcome(() => decodeCursor(cursor, scope))).toMatchObject(invalid);
        },
      ),
    );
  });
});
