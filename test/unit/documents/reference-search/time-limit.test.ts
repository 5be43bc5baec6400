import { describe, expect, it } from "@jest/globals";
import { withinTime } from "../../../../domain/documents/reference-search/time-limit.ts";

describe("work with a limit in time", () => {
  it("gives its result, or its error", () => {
    const result = {};
    expect(withinTime(60_000, () => result)).toBe(result);
    const error = new Error("of the work");
    expect(() =>
      withinTime(60_000, () => {
        throw error;
      }),
    ).toThrow(error);
  });

  it("is broken off, and other work can be done after it", () => {
    const endless = () => {
      for (;;);
    };
    expect(withinTime(1, endless)).toBeUndefined();
    expect(withinTime(60_000, () => ["done"])).toEqual(["done"]);
  });
});
