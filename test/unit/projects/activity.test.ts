import { describe, expect, it } from "@jest/globals";
import { wholeDaysSince } from "../../../domain/projects/activity.ts";

const now = Date.parse("2026-03-10T12:00:00Z");

describe("the days since a project was active", () => {
  it.each([
    ["2026-03-10T11:59:59Z", 0],
    ["2026-03-09T12:00:01Z", 0],
    ["2026-03-09T12:00:00Z", 1],
    ["2025-03-10T12:00:00Z", 365],
  ])("are whole ones: %s is %i", (moment, days) => {
    expect(wholeDaysSince(moment, now)).toBe(days);
  });

  it("are never negative", () => {
    expect(wholeDaysSince("2026-03-12T00:00:00Z", now)).toBe(0);
  });

  it.each([undefined, "", "soon"])("are not known for %j", (moment) => {
    expect(wholeDaysSince(moment, now)).toBeNull();
  });
});
