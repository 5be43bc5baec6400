import { describe, expect, it } from "@jest/globals";
import { outcomeOfCancellation } from "../../../domain/projects/registration.ts";

const none = { Code: "None" };
const conflict = { Code: "TransactionConflict" };
const refused = (Item?: Record<string, unknown>) => ({ Code: "ConditionalCheckFailed", Item });

describe("a cancelled registration", () => {
  it("says which condition has failed, with the row that stood in the way", () => {
    const existing = { project_id: "alpha", prefix: "ALP" };
    expect(outcomeOfCancellation([refused(existing), none, none])).toEqual({ kind: "name_taken", existing });
    expect(outcomeOfCancellation([none, refused({ prefix: "ALP", project_id: "alpha" }), none])).toEqual({
      kind: "prefix_taken",
      owner: "alpha",
    });
    expect(outcomeOfCancellation([none, none, refused()])).toEqual({ kind: "reference_exists" });
    expect(outcomeOfCancellation([none, none, none, refused()])).toEqual({ kind: "parent_missing" });
  });

  it("is about the name before the prefix", () => {
    expect(outcomeOfCancellation([refused({}), refused({}), refused()]).kind).toBe("name_taken");
  });

  it("is decided where a condition has failed, even if another row is contended", () => {
    expect(outcomeOfCancellation([conflict, refused({ project_id: "alpha" }), none]).kind).toBe("prefix_taken");
  });

  it("is open while another transaction is at work", () => {
    expect(outcomeOfCancellation([none, conflict, none])).toEqual({ kind: "contended" });
  });

  it("has failed for anything else, and says at which row", () => {
    expect(outcomeOfCancellation([none, none, { Code: "ThrottlingError" }])).toMatchObject({
      kind: "failed",
      item: "reference",
    });
    expect(outcomeOfCancellation([])).toMatchObject({ kind: "failed", item: undefined });
  });
});
