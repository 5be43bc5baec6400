import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../scripts/local/pump/clock.ts";

/** Time that passes only by being slept away, at once. */
export function fakeClock(start = 1_000_000): Clock & { slept: number[]; advance(ms: number): void } {
  let time = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
    sleep: async (ms, signal) => {
      await turn();
      if (signal.aborted) return;
      slept.push(ms);
      time += ms;
    },
  };
}
