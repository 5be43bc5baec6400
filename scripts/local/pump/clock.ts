import { setTimeout as delay } from "node:timers/promises";

/** Time, so that tests can bring their own. */
export interface Clock {
  now(): number;
  /** Ends after so many milliseconds; when the signal is aborted it ends early, without an error. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // Timers hold 24.8 days at most, schedules may be longer; and after a laptop's sleep the rest is counted anew.
    const end = Date.now() + ms;
    while (!signal.aborted && Date.now() < end) {
      await delay(Math.min(end - Date.now(), 60_000), undefined, { signal }).catch(() => undefined);
    }
  },
};

/** Doubles from `first` with each failure, up to `most`. */
export function backoff(failures: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.max(0, failures - 1));
}
