/**
 * A moment as every answer and every row writes it: UTC, whole seconds, `YYYY-MM-DDTHH:MM:SSZ`.
 * @param at milliseconds since the epoch
 */
export function timestamp(at: number = Date.now()): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The present in whole seconds since the epoch, as tokens and TTL attributes count it. */
export function epochSeconds(at: number = Date.now()): number {
  return Math.floor(at / 1000);
}
