import type { Operation } from "@enceladus/middleware/operation";
import { Router } from "@enceladus/middleware/router";
import type { Answer } from "./call-function.ts";

/**
 * Checks answers against what their operations declare.
 * @returns a check that throws for an answer below 400 which its operation does not declare
 */
export function declaredAnswers(operations: readonly Operation[]) {
  const router = new Router(operations);
  return (method: string, path: string, { status, body, text }: Answer<unknown>): void => {
    if (status >= 400) return;
    const declared = router.find(path)?.byMethod.get(method)?.responses[status];
    const checked = declared?.schema.safeParse(body);
    if (checked?.success) return;
    throw new Error(`${method} ${path}: ${status} is not as declared: ${checked?.error} ${text}`);
  };
}
