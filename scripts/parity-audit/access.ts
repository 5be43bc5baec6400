import type { Warning } from "./report.ts";

/** Codes with which services say that one may not ask them. */
const DENIED = /^(?:AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|Forbidden)/;

export function isDenied(error: unknown): error is Error {
  return error instanceof Error && DENIED.test(error.name);
}

/** One line about an error, without a trace. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

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
