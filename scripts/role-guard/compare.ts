import type { UsedPermission } from "../local/wire/used-permissions.ts";
import { covers, type Grant } from "./grants.ts";

/** A grant that stays although no test makes use of it. */
export interface RoleException {
  /** Key in serverless.yml; `*` for what every function of its kind is given by the house. */
  function: string;
  action: string;
  /** As the declaration names it. */
  resource: string;
  reason: string;
}

export type RoleFindingCode = "NOT_GRANTED" | "NEVER_USED" | "IDLE_EXCEPTION";

/** Something that is wrong with the roles, or with the list of exceptions. */
export interface RoleFinding {
  code: RoleFindingCode;
  function: string;
  message: string;
}

/**
 * Brings the list of exceptions into shape.
 * @throws Error when it is none, or one of them has no reason
 */
export function readExceptions(json: string): RoleException[] {
  const exceptions: unknown = JSON.parse(json);
  if (!Array.isArray(exceptions)) throw new Error("the exceptions are no list");
  for (const exception of exceptions as Partial<Record<string, unknown>>[]) {
    for (const field of ["function", "action", "resource", "reason"]) {
      const value = exception[field];
      if (typeof value !== "string" || value.trim() === "") {
        throw new Error(`an exception has no ${field}: ${JSON.stringify(exception)}`);
      }
    }
  }
  return exceptions as RoleException[];
}

function isAbout({ function: key, action, resource }: RoleException, grant: Grant): boolean {
  const isOfFunction = key === "*" || key === grant.function;
  return isOfFunction && action === grant.action && resource === grant.declared;
}

/**
 * The roles against what was done: nothing was done that is not allowed, to which there are no exceptions, and nothing
 * is allowed that was never done.
 */
export function compareRoles(
  grants: readonly Grant[],
  used: readonly UsedPermission[],
  exceptions: readonly RoleException[],
): RoleFinding[] {
  const notGranted = used.filter((permission) => !grants.some((grant) => covers(grant, permission)));
  const neverUsed = grants.filter((grant) => !used.some((permission) => covers(grant, permission)));
  const unexplained = neverUsed.filter((grant) => !exceptions.some((exception) => isAbout(exception, grant)));
  // What is granted and was used this time may go unused the next time: a race, a repair. Its exception stays.
  const idle = exceptions.filter((exception) => !grants.some((grant) => isAbout(exception, grant)));
  return [
    ...notGranted.map(({ function: key, action, resource, context }) => ({
      code: "NOT_GRANTED" as const,
      function: key,
      message: `${action} on ${resource}${Object.keys(context).length > 0 ? ` with ${JSON.stringify(context)}` : ""}`,
    })),
    ...unexplained.map(({ function: key, action, declared }) => ({
      code: "NEVER_USED" as const,
      function: key,
      message: `${action} on ${declared}`,
    })),
    ...idle.map(({ function: key, action, resource }) => ({
      code: "IDLE_EXCEPTION" as const,
      function: key,
      message: `${action} on ${resource} is granted nowhere`,
    })),
  ];
}
