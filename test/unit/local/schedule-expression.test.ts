import { describe, expect, it } from "@jest/globals";
import { InvalidScheduleError, parseSchedule } from "../../../scripts/local/pump/async/schedule-expression.ts";

const FROM = Date.parse("2026-11-22T21:00:00Z"); // a Sunday

function firings(expression: string, count: number, options?: Parameters<typeof parseSchedule>[1]): string[] {
  const schedule = parseSchedule(expression, options);
  const times: string[] = [];
  let from = FROM;
  for (let next = schedule.next(from); next !== undefined && times.length < count; next = schedule.next(from)) {
    times.push(new Date(next).toISOString().slice(0, 16));
    from = next;
  }
  return times;
}

describe("rate", () => {
  it.each([
    ["rate(1 minute)", "2026-11-22T21:01"],
    ["rate(5 minutes)", "2026-11-22T21:05"],
    ["rate(2 hours)", "2026-11-22T23:00"],
    ["rate(1 day)", "2026-11-23T21:00"],
  ])("%s fires first after one period", (expression, first) => {
    expect(firings(expression, 1)).toEqual([first]);
  });

  it("can be told how long its minutes are", () => {
    expect(parseSchedule("rate(2 minutes)", { minuteMs: 100 }).next(0)).toBe(200);
  });

  it.each(["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(5 seconds)", "rate(5)", "rate( 5 minutes)"])(
    "refuses %s",
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow(InvalidScheduleError);
    },
  );
});

describe("cron", () => {
  it.each([
    ["cron(0 10 * * ? *)", ["2026-11-23T10:00", "2026-11-24T10:00"]],
    ["cron(0/15 8-9 ? * MON-FRI *)", ["2026-11-23T08:00", "2026-11-23T08:15"]],
    ["cron(50/5 * * * ? *)", ["2026-11-22T21:50", "2026-11-22T21:55", "2026-11-22T22:50"]],
    ["cron(0 18 ? * 2-6 *)", ["2026-11-23T18:00", "2026-11-24T18:00"]],
    ["cron(0 8 ? * 1 *)", ["2026-11-29T08:00", "2026-12-06T08:00"]],
    ["cron(0 8 ? * 7 *)", ["2026-11-28T08:00"]],
    ["cron(5 0 ? * 1/2 *)", ["2026-11-24T00:05", "2026-11-26T00:05", "2026-11-28T00:05", "2026-11-29T00:05"]],
    ["cron(0 10 ? * 6L *)", ["2026-11-27T10:00", "2026-12-25T10:00"]],
    ["cron(0 8 ? * 2#1 *)", ["2026-12-07T08:00", "2027-01-04T08:00"]],
    ["cron(0 8 ? * L *)", ["2026-11-28T08:00", "2026-12-05T08:00"]],
    ["cron(0 0 L * ? *)", ["2026-11-30T00:00", "2026-12-31T00:00"]],
    ["cron(15 12 15W * ? *)", ["2026-12-15T12:15", "2027-01-15T12:15"]],
    ["cron(0 9 1,15 JAN,MAR ? 2027)", ["2027-01-01T09:00", "2027-01-15T09:00", "2027-03-01T09:00"]],
    ["cron(0 0 1 1 ? 2027-2028)", ["2027-01-01T00:00", "2028-01-01T00:00"]],
  ])("%s", (expression, times) => {
    expect(firings(expression, times.length)).toEqual(times);
  });

  it("ends with its last year", () => {
    expect(firings("cron(0 0 1 1 ? 2027)", 5)).toEqual(["2027-01-01T00:00"]);
    expect(firings("cron(0 0 1 1 ? 2020)", 5)).toEqual([]);
  });

  it("runs in UTC, or in the time zone it is given", () => {
    expect(firings("cron(0 9 * * ? *)", 1, { timezone: "Europe/Berlin" })).toEqual(["2026-11-23T08:00"]);
  });

  it.each([
    "cron(0 10 * * *)",
    "cron(0 10 * * * *)",
    "cron(0 10 ? * ? *)",
    "cron(? 10 * * ? *)",
    "cron(61 10 * * ? *)",
    "cron(0 10 * * 8 *)",
    "cron()",
    "every(1 minute)",
    "0 10 * * ? *",
  ])("refuses %s", (expression) => {
    expect(() => parseSchedule(expression)).toThrow(InvalidScheduleError);
  });
});
