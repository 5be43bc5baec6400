import { describe, expect, it } from "@jest/globals";
import { meaningOf, withinText } from "../../../domain/tracker/text.ts";
import { refusalOf } from "../../support/tracker-values.ts";

describe("characters", () => {
  it("limit a text", () => {
    expect(withinText("title", "😀😀", 2)).toBe("😀😀");
    const refusal = refusalOf(() => withinText("title", "😀😀😀", 2));
    expect([refusal.code, refusal.message]).toEqual(["INVALID_INPUT", "title: at most 2 characters are allowed."]);
  });
});

it("a word means what the table says, not what every object has", () => {
  const table = { open: "initial" };
  expect(meaningOf(table, "open")).toBe("initial");
  for (const word of ["closed", "constructor", "__proto__", "toString"]) expect(meaningOf(table, word)).toBeUndefined();
});
