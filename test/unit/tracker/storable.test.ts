import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { canonicalHash } from "@enceladus/shared/hash";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { assertStorable } from "../../../domain/tracker/storable.ts";
import { refusalOf } from "../../support/tracker-values.ts";

const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);

describe("what can be stored", () => {
  it("reads back as it was, with the same hash", () => {
    const value = fc.oneof(fc.jsonValue({ stringUnit: "binary" }), fc.double(), fc.maxSafeInteger());
    fc.assert(
      fc.property(value, (candidate) => {
        try {
          assertStorable("field", candidate);
        } catch {
          return;
        }
        const { value: back } = unmarshall(marshall({ value: candidate }));
        expect(canonicalHash(back)).toBe(canonicalHash(candidate));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([[0], [-0], [1], [-1.5], [0.1 + 0.2], [1e-7], [9007199254740991], [4503599627370495.5], [-1e-130]])(
    "may be the number %d",
    (number) => {
      expect(() => assertStorable("field", number)).not.toThrow();
    },
  );

  it.each([[1e126], [1e21], [9007199254740992], [1e-131], [-1e300], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    "is not the number %d",
    (number) => {
      expect(refusalOf(() => assertStorable("field", { a: [number] })).message).toContain("field");
    },
  );

  it("is nested in 25 levels at most", () => {
    expect(() => assertStorable("field", nested(25))).not.toThrow();
    for (const depth of [26, 100_000]) {
      expect(refusalOf(() => assertStorable("field", nested(depth))).code).toBe("INVALID_INPUT");
    }
  });

  it("has keys that are names", () => {
    for (const json of ['{"":1}', '{"a":{"__proto__":1}}', '[{"__proto__":{}}]']) {
      expect(refusalOf(() => assertStorable("field", JSON.parse(json))).message).toContain("key");
    }
    expect(() => assertStorable("field", { constructor: 1, toString: 2, " ": 3 })).not.toThrow();
  });
});
