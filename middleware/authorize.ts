import { type AuthContext, holdsScope, isVisible, projectsVisibleTo } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import type { Operation, ProjectRule } from "./operation.ts";

/**
 * Refuses a caller whose key lacks the scope of the operation, before anything is looked at that the call is about.
 * @throws DomainError FORBIDDEN that names the scope
 */
export function requireScope(caller: AuthContext, { scope }: Pick<Operation, "scope">): void {
  if (scope === undefined || holdsScope(caller, scope)) return;
  throw new DomainError("FORBIDDEN", `This key lacks the scope '${scope}'.`, {
    required_scope: scope,
    next_action: "Use a key that holds this scope; a signed-in person can issue one.",
  });
}

/**
 * Refuses a path into a project that does not exist or that the caller may not see. The key alone decides which ones
 * those are, without a look at any project: neither the answer nor its time tells whether one is there.
 * @throws DomainError the refusal of the rule
 */
export async function requireProject(
  caller: AuthContext,
  { of, exists, refusal }: ProjectRule<never>,
  params: unknown,
): Promise<void> {
  const projectId = of(params as never);
  const isThere = isVisible(projectsVisibleTo(caller), projectId) && (await exists(projectId));
  if (!isThere) throw refusal(projectId);
}
