import { expect } from "@jest/globals";

/** How often what has happened, over all trials of a test file: a test that does nothing must not pass. */
export const counted: Record<string, number> = {};

export function count(...names: string[]): void {
  for (const name of names) counted[name] = (counted[name] ?? 0) + 1;
}

/** Each of these has happened at least once in so many operations. */
export function expectOnceIn(operations: number, names: readonly string[]): void {
  const seldom = names.filter((name) => (counted[name] ?? 0) * operations < (counted.operations ?? 0));
  expect({ seldom, counted }).toEqual({ seldom: [], counted });
}
