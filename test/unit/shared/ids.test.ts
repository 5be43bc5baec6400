import { newId } from "@enceladus/shared/ids";
import { describe, expect, it, jest } from "@jest/globals";
import { decodeTime } from "ulid";

describe("a new id", () => {
  it("is a ULID of this moment", () => {
    const before = Date.now();
    const id = newId();
    expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(decodeTime(id)).toBeGreaterThanOrEqual(before);
    expect(decodeTime(id)).toBeLessThanOrEqual(Date.now());
  });

  it("sorts behind those of earlier milliseconds", () => {
    const clock = jest.spyOn(Date, "now");
    const ids = [1, 2, 1_000, 1_767_225_600_000].map((at) => {
      clock.mockReturnValue(at);
      return newId();
    });
    clock.mockRestore();
    expect([...ids].sort()).toEqual(ids);
  });

  it("is never given twice, also within a millisecond", () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has every character at every random place equally often", () => {
    const rounds = 8_000;
    const seen = Array.from({ length: 16 }, () => new Map<string, number>());
    for (let n = 0; n < rounds; n += 1) {
      for (const [place, character] of [...newId().slice(10)].entries()) {
        seen[place]?.set(character, (seen[place]?.get(character) ?? 0) + 1);
      }
    }
    const counts = seen.flatMap((characters) => [...characters.values()]);
    expect(counts).toHaveLength(16 * 32);
    // 250 are expected of each; seven standard deviations to either side.
    expect(Math.min(...counts)).toBeGreaterThan(140);
    expect(Math.max(...counts)).toBeLessThan(360);
  });
});
