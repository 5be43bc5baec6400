import { describe, expect, it } from "@jest/globals";
import { appendNote, parseNote, withPendingNote } from "../../../domain/tracker/pending-note.ts";
import { aRecord, refusalOf } from "../../support/tracker-values.ts";

const NOW = "2026-02-03T04:05:06Z";

describe("a note", () => {
  it("is required and trimmed", () => {
    expect(parseNote("  Look at this \n")).toBe("Look at this");
    for (const nothing of [undefined, null, "", " \n", 5, {}]) {
      expect(refusalOf(() => parseNote(nothing)).message).toContain("'note'");
    }
  });

  it("has at most 2,000 characters, however many bytes they have", () => {
    expect(parseNote("😀".repeat(2_000))).toHaveLength(4_000);
    expect(refusalOf(() => parseNote("x".repeat(2_001))).message).toContain("maximum length");
  });
});

describe("a pending note", () => {
  it("is found by its time while there is one", () => {
    expect(withPendingNote(aRecord(), "Look", NOW)).toEqual({
      ...aRecord(),
      update: "Look",
      pending_update_at: NOW,
      pending_scope: "pending",
    });
  });

  it("leaves nothing behind but an empty text", () => {
    const record = withPendingNote(withPendingNote(aRecord(), "Look", NOW), "", NOW);
    expect(record).toEqual({ ...aRecord(), update: "", pending_update_at: undefined, pending_scope: undefined });
  });
});

describe("a second note", () => {
  it("is added to the one that is pending", () => {
    expect(appendNote("one", "two")).toBe("one\n\ntwo");
  });

  it("stands alone where none is pending", () => {
    for (const nothing of ["", undefined, null, 5]) expect(appendNote(nothing, "two")).toBe("two");
  });

  it("is refused where both are more than 10,000 characters", () => {
    expect(appendNote("x".repeat(7_998), "y".repeat(2_000))).toHaveLength(10_000);
    expect(refusalOf(() => appendNote("x".repeat(7_999), "y".repeat(2_000))).message).toContain("maximum length");
  });
});
