import type { ResolvedConfig, ResolvedFunction, Settings } from "../service/resolved-config.ts";
import type { AllowList } from "./allow-list.ts";
import { type Finding, finding } from "./finding.ts";

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** What makes the role of a function its own: a role that it names, or the name of the one made of its statements. */
function identityOf({ role, iamRoleStatements, iamRoleStatementsName }: ResolvedFunction): string | undefined {
  if (role !== undefined) return JSON.stringify(role);
  return Array.isArray(iamRoleStatements) ? JSON.stringify(iamRoleStatementsName ?? null) : undefined;
}

function checkOwnership(config: ResolvedConfig): Finding[] {
  const owners = new Map<string, unknown>();
  return Object.values(config.functions).flatMap((declared) => {
    const identity = identityOf(declared);
    if (identity === undefined) return [finding("ROLE_MISSING", declared.name, "no role of its own")];
    if (declared.iamRoleStatementsInherit === true) {
      return [finding("ROLE_SHARED", declared.name, "inherits the statements of all functions")];
    }
    const owner = owners.get(identity);
    // Without a name the plugin makes one of the function's, which no other function has.
    if (identity !== "null" && owner !== undefined) {
      return [finding("ROLE_SHARED", declared.name, `has the role of ${String(owner)}`)];
    }
    owners.set(identity, declared.name);
    return [];
  });
}

function isEverything(resource: unknown): boolean {
  if (typeof resource === "string") return resource === "*";
  const inner = typeof resource === "object" && resource !== null ? Object.values(resource) : [];
  return inner.length === 1 && inner[0] === "*";
}

/** What a statement allows too much of, each as the exception to it would be written. */
function excessOf(statement: Settings): { value: string; message: string }[] {
  if (statement.Effect === "Deny") return [];
  const negated = ["NotAction", "NotResource"].filter((key) => key in statement);
  const actions = list(statement.Action).map(String);
  const wide = actions.filter((action) => /[*?]/.test(action));
  const onEverything = list(statement.Resource).some(isEverything)
    ? actions.filter((action) => !wide.includes(action))
    : [];
  return [
    ...negated.map((key) => ({ value: key, message: `${key} allows all that it does not name` })),
    ...wide.map((action) => ({ value: action, message: `the action ${action} has a wildcard` })),
    ...onEverything.map((action) => ({ value: action, message: `${action} is allowed on every resource` })),
  ];
}

function checkStatements(name: unknown, statements: unknown, allowed: AllowList): Finding[] {
  return list(statements)
    .filter((statement): statement is Settings => typeof statement === "object" && statement !== null)
    .flatMap(excessOf)
    .filter(({ value }) => !allowed.allows("ROLE_WILDCARD", name, value))
    .map(({ message }) => finding("ROLE_WILDCARD", name, message));
}

/** Each function has a role of its own, and none may do everything or do it everywhere. */
export function checkRoles(config: ResolvedConfig, allowed: AllowList): Finding[] {
  const iam = config.provider.iam as { role?: { statements?: unknown } } | undefined;
  return [
    ...checkOwnership(config),
    ...checkStatements(null, config.provider.iamRoleStatements ?? iam?.role?.statements, allowed),
    ...Object.values(config.functions).flatMap(({ name, iamRoleStatements }) =>
      checkStatements(name, iamRoleStatements, allowed),
    ),
  ];
}
