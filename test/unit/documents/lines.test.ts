import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { countLines, fencedLines, linesBefore, linesFrom, linesOf } from "../../../domain/documents/lines.ts";

/** Texts with all the separators, side by side and at the ends. */
const texts = fc
  .array(fc.constantFrom("\r\n", "\n", "\r", "a", "😀", " "), { maxLength: 12 })
  .map((all) => all.join(""));

describe("the lines of a text", () => {
  it("end at any of the three separators", () => {
    expect(linesOf("a\r\nb\nc\rd")).toEqual(["a", "b", "c", "d"]);
    expect(linesOf("\n\r\r\n\n")).toEqual(["", "", "", ""]);
  });

  it("are none where there is no text, and none after a separator at the end", () => {
    expect([linesOf(""), linesOf("\n"), linesOf("a\n"), linesOf("a\r\n")]).toEqual([[], [""], ["a"], ["a"]]);
  });

  it("are those between separators", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const pieces = text.split(/\r\n|\n|\r/);
        const lines = pieces.at(-1) === "" ? pieces.slice(0, -1) : pieces;
        expect([linesOf(text), countLines(text)]).toEqual([lines, lines.length]);
      }),
    );
  });

  it("can be had around a line", () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 8 }), fc.nat({ max: 4 }), (text, index, count) => {
        const lines = linesOf(text);
        fc.pre(index < lines.length);
        const before = lines.slice(0, index);
        const start = text.length - restAfter(text, before.length).length;
        expect(linesBefore(text, start, count)).toEqual(count === 0 ? [] : before.slice(-count));
        expect(linesFrom(text, start, count)).toEqual(lines.slice(before.length, before.length + count));
      }),
    );
  });
});

/** What is left of a text without so many of its lines. */
function restAfter(text: string, count: number): string {
  return count === 0 ? text : restAfter(text.replace(/^[^\r\n]*(?:\r\n|\n|\r|$)/, ""), count - 1);
}

describe("fenced lines", () => {
  const fenced = (...lines: string[]) =>
    fencedLines(lines)
      .map((is, index) => (is ? index : -1))
      .filter((at) => at >= 0);

  it("are the fences and everything between", () => {
    expect(fenced("a", "```sh", "# b", "```", "c")).toEqual([1, 2, 3]);
    expect(fenced("````sh", "a", "```", "b")).toEqual([0, 1, 2]);
    expect(fenced("  ```", "a", "\t\u00a0```` x", "b", "```", "c")).toEqual([0, 1, 2, 4, 5]);
  });

  it("go on to the end where no fence closes them", () => {
    expect(fenced("a", "```", "b", "")).toEqual([1, 2, 3]);
  });

  it("do not begin with code in one line, but end with it", () => {
    expect(fenced("```a``` b", "c")).toEqual([]);
    expect(fenced("```", "a", "```b``` c", "d")).toEqual([0, 1, 2]);
  });

  it("have three backticks and no other mark", () => {
    expect(fenced("``", "a", "~~~", "b", "x ```", "c")).toEqual([]);
  });
});
