import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { above, isAbove, type Part, tableOf, writeResults } from "../../../bench/report.ts";

const part: Part = {
  title: "Speed",
  rows: [
    { name: "get", cells: { ms: { value: 1.234, digits: 2 }, ratio: { value: 1.1, digits: 1, atMost: 1.3 } } },
    { name: "checkout", cells: { ms: { value: 12.3, digits: 2 }, ratio: { value: 1.4, digits: 1, atMost: 1.3 } } },
    { name: "(bare)", cells: { note: "GetItem" } },
  ],
};

describe("a figure", () => {
  it("may be as high as its bar", () => {
    expect(isAbove({ value: 1.3, digits: 1, atMost: 1.3 })).toBe(false);
    expect(isAbove({ value: 1.31, digits: 1, atMost: 1.3 })).toBe(true);
  });

  it("that could not be measured is above every bar", () => {
    expect(isAbove({ value: Number.NaN, digits: 1, atMost: 1.3 })).toBe(true);
  });

  it("without a bar is never above it", () => {
    expect(isAbove({ value: 1e9, digits: 1 })).toBe(false);
  });
});

describe("the report", () => {
  it("aligns the columns and says beside each bar whether it holds", () => {
    expect(tableOf(part).split("\n")).toEqual([
      "Speed",
      "             ms             ratio     note",
      "get        1.23  1.1 <= 1.3 ok",
      "checkout  12.30  1.4 <= 1.3 ABOVE",
      "(bare)                             GetItem",
    ]);
  });

  it("names what is above its bar", () => {
    expect(above([part])).toEqual(["Speed, checkout, ratio: 1.4 > 1.3"]);
  });

  it("is kept as JSON, under the time at which it was made", () => {
    const directory = mkdtempSync(join(tmpdir(), "enceladus-report-"));
    try {
      const file = writeResults(directory, [part], { quick: true }, new Date("2026-01-02T03:04:05Z"));
      expect(file).toBe(join(directory, "2026-01-02T03-04-05.json"));
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
        at: "2026-01-02T03:04:05.000Z",
        options: { quick: true },
        above: ["Speed, checkout, ratio: 1.4 > 1.3"],
        parts: [part],
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
