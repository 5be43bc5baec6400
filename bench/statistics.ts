/**
 * The value that a share of the measurements does not exceed.
 * @param share between 0 and 1: 0.5 for the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle of the measurements. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Consecutive parts of a series, as equal in length as can be. */
export function parts<T>(values: readonly T[], count: number): T[][] {
  const length = Math.ceil(values.length / count);
  return Array.from({ length: count }, (_, index) => values.slice(index * length, (index + 1) * length)).filter(
    (part) => part.length > 0,
  );
}
