import { jest } from "@jest/globals";

/** The clock that no test moves. */
export const realNow = Date.now;

/** Lets this process believe that so much time has passed; `jest.restoreAllMocks()` takes it back. */
export function moveClock(milliseconds: number): void {
  jest.spyOn(Date, "now").mockImplementation(() => realNow() + milliseconds);
}

/** Lets this process believe that it is this moment, until it is told another one. */
export function holdClock(at: number): void {
  jest.spyOn(Date, "now").mockReturnValue(at);
}
