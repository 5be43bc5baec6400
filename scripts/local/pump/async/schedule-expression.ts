import { Cron } from "croner";

/** When a schedule fires next. */
export interface Schedule {
  /** The first time after `from` (milliseconds since 1970); undefined if there is none any more. */
  next(from: number): number | undefined;
}

/** A schedule expression that EventBridge would refuse. */
export class InvalidScheduleError extends Error {
  override readonly name = "InvalidScheduleError";
}

const MINUTES = { minute: 1, hour: 60, day: 1440 };

/**
 * Reads `rate(5 minutes)` or `cron(0 9 ? * MON-FRI *)`: minutes, hours, day of month, month, day of week (1 is Sunday),
 * year; exactly one of the two days is `?`.
 *
 * @param options.timezone of a cron schedule; UTC without it
 * @param options.minuteMs what a minute of a rate lasts
 * @throws InvalidScheduleError
 */
export function parseSchedule(expression: string, options: { timezone?: string; minuteMs?: number } = {}): Schedule {
  const [, kind, text = ""] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return parseRate(expression, text, options.minuteMs ?? 60_000);
  if (kind === "cron") return parseCron(expression, text, options.timezone ?? "UTC");
  throw new InvalidScheduleError(`${expression} is neither rate(...) nor cron(...)`);
}

function parseRate(expression: string, text: string, minuteMs: number): Schedule {
  const [, digits = "", unit, plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const value = Number(digits);
  if (unit === undefined || (value === 1) === (plural === "s")) {
    throw new InvalidScheduleError(`${expression} must be a value and its unit: 1 minute, 5 minutes, 1 hour, 2 days`);
  }
  const period = value * MINUTES[unit as keyof typeof MINUTES] * minuteMs;
  return { next: (from) => from + period };
}

function parseCron(expression: string, text: string, timezone: string): Schedule {
  const fields = text.trim().split(/\s+/);
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6) throw new InvalidScheduleError(`${expression} must have six fields`);
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new InvalidScheduleError(`${expression}: one of day-of-month and day-of-week must be ?, and only one`);
  }
  if ([minutes, hours, month, year].includes("?")) throw new InvalidScheduleError(`${expression}: ? is for days only`);
  // The library has the seconds in front and the week from 0; it takes `a-b/n`, where AWS writes `a/n` too.
  const pattern = [
    "0",
    stepsToRanges(minutes, 59),
    stepsToRanges(hours, 23),
    dayOfMonth === "?" ? "*" : stepsToRanges(dayOfMonth, 31),
    stepsToRanges(month, 12),
    dayOfWeek === "?" ? "*" : fromSundayOne(stepsToRanges(dayOfWeek, 7)),
    stepsToRanges(year, 2199),
  ].join(" ");
  try {
    const cron = new Cron(pattern, { timezone, paused: true });
    return { next: (from) => cron.nextRun(new Date(from))?.getTime() };
  } catch (error) {
    throw new InvalidScheduleError(`${expression}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `5/15` runs from 5 to the field's end. */
function stepsToRanges(field: string, last: number): string {
  return field.replace(/(^|,)(\w+)\/(\d+)/g, `$1$2-${last}/$3`);
}

/** AWS counts the days of the week from Sunday = 1, also in `6L` (the last Friday) and `2#1` (the first Monday). */
function fromSundayOne(field: string): string {
  if (field === "L") return "6";
  return field
    .split(",")
    .map((part) => {
      const [days = "", ...suffix] = part.split(/(?=[/#])/);
      return [days.replace(/\d/g, (day) => String(Number(day) - 1)), ...suffix].join("");
    })
    .join(",");
}
