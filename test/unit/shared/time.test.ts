import { timestamp } from "@enceladus/shared/time";
import { describe, expect, it } from "@jest/globals";

describe("timestamp", () => {
  it("has whole seconds and ends in Z", () => {
    expect(timestamp(1_700_000_000_999)).toBe("2023-11-14T22:13:20Z");
  });
});
