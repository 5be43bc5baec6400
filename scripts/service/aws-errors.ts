/** Codes with which services say that one may not ask them. */
const DENIED = /^(?:AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|Forbidden)/;

export function isDenied(error: unknown): error is Error {
  return error instanceof Error && DENIED.test(error.name);
}

/** One line about an error, without a trace. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll(/\s+/g, " ");
}
