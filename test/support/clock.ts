import { jest } from "@jest/globals";

/** The clock that no test moves. */
export const realNow = Date.now;

/** Lets this process believe that so much time has passed; `jest.restoreAllMocks()` takes it back. */
export function moveClock(milliseconds: number): void {
  jest.spyOn(Date, "now").mockImplementation(() => realNow() + milliseconds);
}
