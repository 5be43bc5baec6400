import { errorText, isDenied } from "../service/aws-errors.ts";
import type { Warning } from "./report.ts";

/** A question to a service. */
export interface Question {
  service: string;
  operation: string;
  region?: string;
}

/** What was not answered in an audit. */
export interface Unanswered {
  /** For lack of rights. */
  warnings: Warning[];
  /** For another reason: then the audit has failed, and goes on to tell what it can. */
  failures: string[];
}

/** Asks, and goes on without an answer where there is none; `unanswered` gets a word about that. */
export async function answerOf<T>(
  { service, operation, region }: Question,
  ask: () => Promise<T>,
  { warnings, failures }: Unanswered,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const place = region === undefined ? {} : { region };
    if (isDenied(error))
      warnings.push({ service, operation, error_code: error.name, message: error.message, ...place });
    else failures.push(`${service} ${operation}${region ? ` in ${region}` : ""}: ${errorText(error)}`);
    return undefined;
  }
}
