import { errorText, isDenied } from "../service/aws-errors.ts";

/**
 * How something stands. Unknown is what the credentials may not ask; not_deployed what comes into being with the stack.
 * Only a problem makes the doctor end with 1.
 */
export type Status = "ok" | "problem" | "unknown" | "not_deployed";

export interface Check {
  what: string;
  status: Status;
  detail: string;
  /** What to do about it. */
  fix?: string;
}

export type Finding = Omit<Check, "what">;

export const ok = (detail: string): Finding => ({ status: "ok", detail });
export const problem = (detail: string, fix: string): Finding => ({ status: "problem", detail, fix });

/** Makes a check of a question: what fails in it is told, and never stops the others. */
export async function check(what: string, ask: () => Promise<Finding>): Promise<Check> {
  try {
    return { what, ...(await ask()) };
  } catch (error) {
    if (isDenied(error)) {
      return { what, status: "unknown", detail: `these credentials may not ask (${error.name})` };
    }
    return { what, ...problem(errorText(error), "Is the region right, and AWS in reach?") };
  }
}
