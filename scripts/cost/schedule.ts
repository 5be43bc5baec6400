const UNITS = { minute: 1, hour: 60, day: 1_440 } as const;
const MINUTES_A_MONTH = 730 * 60;

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
/** At one minute of one hour, every day. */
const DAILY = /^cron\(\d+ \d+ \* \* \? \*\)$/;

/**
 * How often a schedule runs in a month.
 * @param expression of EventBridge
 * @throws Error for one that is not understood
 */
export function runsAMonth(expression: string): number {
  const [, every, unit] = RATE.exec(expression) ?? [];
  if (every !== undefined) return Math.round(MINUTES_A_MONTH / (Number(every) * UNITS[unit as keyof typeof UNITS]));
  if (DAILY.test(expression)) return Math.round(MINUTES_A_MONTH / UNITS.day);
  throw new Error(`the schedule ${expression} is not understood`);
}
