import { isInternalKey } from "@enceladus/shared/internal-key";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";

afterEach(() => {
  delete process.env.COORDINATION_INTERNAL_API_KEY;
});

describe("the internal key", () => {
  it("is off while none is configured: nothing matches, not even nothing", async () => {
    for (const configured of [undefined, "", " ", ",,"]) {
      if (configured !== undefined) process.env.COORDINATION_INTERNAL_API_KEY = configured;
      expect(await isInternalKey("")).toBe(false);
      expect(await isInternalKey(" ")).toBe(false);
      expect(await isInternalKey("undefined")).toBe(false);
    }
  });

  it("is any of the listed ones, so that a rotation has no gap", async () => {
    process.env.COORDINATION_INTERNAL_API_KEY = "old, new";
    expect(await isInternalKey("old")).toBe(true);
    expect(await isInternalKey("new")).toBe(true);
    expect(await isInternalKey("old, new")).toBe(false);
  });

  it("matches exactly", async () => {
    process.env.COORDINATION_INTERNAL_API_KEY = "correct-horse";
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (presented) => {
        expect(await isInternalKey(presented)).toBe(presented === "correct-horse");
      }),
    );
    expect(await isInternalKey("correct-horse ")).toBe(false);
    expect(await isInternalKey("Correct-Horse")).toBe(false);
  });
});
