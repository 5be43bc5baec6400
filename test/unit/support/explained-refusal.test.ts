import { describe, expect, it } from "@jest/globals";
import { checkExplained } from "../../support/explained-refusal.ts";

const refusal = (details: object) => JSON.stringify({ success: false, error_envelope: { code: "X", details } });

describe.each([409, 412, 422, 423, 428])("a %i", (status) => {
  it("passes where it says what to do next", () => {
    expect(() => checkExplained(status, refusal({ next_action: "Wait." }))).not.toThrow();
  });

  it.each([{}, { next_action: "" }, { next_action: " " }, { next_action: 5 }])("fails a test with %j", (details) => {
    expect(() => checkExplained(status, refusal(details))).toThrow("next_action");
  });
});

it.each([200, 304, 400, 401, 404, 429, 500])("a %i needs no explanation", (status) => {
  expect(() => checkExplained(status, "")).not.toThrow();
});
