import { clampedLimit } from "@enceladus/middleware/page-limit";
import { expect, it } from "@jest/globals";

it.each([
  [undefined, 10],
  ["", 10],
  ["x", 10],
  ["1.5", 10],
  ["1e1", 10],
  ["0", 1],
  ["-3", 1],
  ["1", 1],
  [" 7 ", 7],
  ["+7", 7],
  ["007", 7],
  ["50", 50],
  ["51", 50],
  ["9".repeat(50), 50],
  ["9".repeat(500), 10],
])("a limit of %j is %d where ten are usual and fifty are most", (text, limit) => {
  expect(clampedLimit(10, 50).parse(text)).toBe(limit);
});
