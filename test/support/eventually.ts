import { setTimeout as wait } from "node:timers/promises";

/** Waits until the condition holds; fails with what it last saw. */
export async function eventually<T>(look: () => T | Promise<T>, holds: (seen: T) => boolean, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`still not after ${ms} ms: ${JSON.stringify(seen)}`);
    await wait(20);
  }
}
