import { cookieNames, cookieValue } from "@enceladus/middleware/cookies";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

describe("the value of a cookie", () => {
  it.each([
    [["a=1"], "1"],
    [["b=2; a=1"], "1"],
    [["b=2;a=1"], "1"],
    [["  a  =  1  ; b=2"], "1"],
    [["a=1=2=="], "1=2=="],
    [["a=one%20two"], "one two"],
    [["a=%E0%A4%A"], "%E0%A4%A"],
    [["a=", "a=1"], "1"],
    [["a=1; a=2"], "1"],
    [["a=1", "a=2"], "1"],
  ])("of a in %j is %j", (lines, value) => {
    expect(cookieValue(lines, "a")).toBe(value);
  });

  it.each([[[]], [["a="]], [["aa=1"]], [["A=1"]], [["a"]], [["=a"]], [["b=a=1"]], [[";;;"]]])(
    "of a in %j is none",
    (lines) => {
      expect(cookieValue(lines, "a")).toBeUndefined();
    },
  );

  it("survives percent-encoding, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (value) => {
        expect(cookieValue([`x=y; a=${encodeURIComponent(value)}; z=1`], "a")).toBe(value);
      }),
    );
  });

  it("never throws, whatever the lines are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.string(), (lines, name) => {
        cookieValue(lines, name);
        cookieNames(lines);
      }),
    );
  });
});

describe("the names of all cookies", () => {
  it("come once each, without values", () => {
    expect(cookieNames(["a=1; b=secret", "a=2", "c"])).toStrictEqual(["a", "b"]);
  });
});
