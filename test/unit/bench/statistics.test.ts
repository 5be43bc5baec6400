import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { median, parts, percentile } from "../../../bench/statistics.ts";

const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

describe("a percentile", () => {
  it("is one of the values, which the asked share of them does not exceed", () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = percentile(values, share);
        expect(values).toContain(found);
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length);
      }),
    );
  });

  it("orders by number, not by text, and leaves the values as they were", () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it("of nothing is not a number, so that no bar holds for it", () => {
    expect(median([])).toBeNaN();
  });
});

describe("the parts of a series", () => {
  it("hold every value once, in order, in no more parts than asked for", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 20 }), (values, count) => {
        const found = parts(values, count);
        expect(found.flat()).toEqual(values);
        expect(found.length).toBeLessThanOrEqual(count);
      }),
    );
  });
});
