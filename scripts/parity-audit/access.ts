import { isDenied } from "../service/aws-errors.ts";
import type { Warning } from "./report.ts";

/** A question to a service that it may refuse to answer. */
export interface Question {
  service: string;
  operation: string;
  region?: string;
}

/**
 * Asks, and goes on without an answer where one may not ask.
 * @param warnings gets a word about that
 * @throws whatever else the service says
 */
export async function unlessDenied<T>(
  question: Question,
  ask: () => Promise<T>,
  warnings: Warning[],
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isDenied(error)) throw error;
    const { service, operation, region } = question;
    warnings.push({ service, operation, error_code: error.name, message: error.message, ...(region && { region }) });
    return undefined;
  }
}
