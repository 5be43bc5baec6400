import { type Context, createContext, Script } from "node:vm";

const script = new Script("work()");
let context: Context | undefined;

/**
 * Does work that never gives way, such as the match of one pattern in one long line, and breaks it off when it takes too
 * long: nothing else in a process can, since timers wait for it too.
 * @param milliseconds at least 1
 * @returns what the work returns, or undefined where it was broken off
 */
export function withinTime<Result extends object>(milliseconds: number, work: () => Result): Result | undefined {
  context ??= createContext({});
  context.work = work;
  try {
    return script.runInContext(context, { timeout: Math.ceil(milliseconds) }) as Result;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  } finally {
    context.work = undefined;
  }
}
