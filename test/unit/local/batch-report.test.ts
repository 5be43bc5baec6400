import { describe, expect, it } from "@jest/globals";
import { failedItems } from "../../../scripts/local/pump/batch-report.ts";

const batch = ["1", "2", "3"];

describe("the report of failed items", () => {
  it.each([
    ["nothing", null],
    ["an empty object", {}],
    ["no list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("is a full success if the function returns %s", (_, answer) => {
    expect(failedItems(answer, batch)).toEqual(new Set());
  });

  it("names what failed", () => {
    const answer = { batchItemFailures: [{ itemIdentifier: "3" }, { itemIdentifier: "2" }] };
    expect(failedItems(answer, batch)).toEqual(new Set(["2", "3"]));
  });

  it.each([
    ["text", "done"],
    ["a list", []],
    ["text for the list", { batchItemFailures: "1" }],
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["another key", { batchItemFailures: [{ id: "1" }] }],
    ["no entry", { batchItemFailures: [null] }],
    ["an identifier of another batch", { batchItemFailures: [{ itemIdentifier: "1" }, { itemIdentifier: "9" }] }],
  ])("fails the whole batch if it holds %s", (_, answer) => {
    expect(failedItems(answer, batch)).toBe("all");
  });
});
