import { expect, it } from "@jest/globals";
import { withDelayUpTo } from "../../../scripts/local/provision/messaging.ts";

it.each([
  ["shortens a longer delay", 3, { DelaySeconds: 60 }, { DelaySeconds: 3 }],
  ["leaves a shorter one alone", 90, { DelaySeconds: 60 }, { DelaySeconds: 60 }],
  ["reads a delay that is a text", 3, { DelaySeconds: "60" }, { DelaySeconds: 3 }],
  ["gives no delay to a queue without one", 3, { VisibilityTimeout: 30 }, { VisibilityTimeout: 30 }],
  ["changes nothing if it is not set", undefined, { DelaySeconds: 60 }, { DelaySeconds: 60 }],
])("the longest delay %s", (_, longest, declared, expected) => {
  expect(withDelayUpTo(longest, declared)).toEqual(expected);
});
