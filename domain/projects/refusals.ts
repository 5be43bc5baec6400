import { DomainError, invalidInput } from "@enceladus/shared/errors";

/** The name belongs to a project already. */
export function nameTaken(name: string, existing: Readonly<Record<string, unknown>>): DomainError {
  const { prefix = "", status = "" } = existing;
  return new DomainError("CONFLICT", `Project '${name}' already exists.`, {
    existing_project: { project_id: name, prefix, status },
    next_action: "Choose another name, or go on with the existing project.",
  });
}

/** The prefix belongs to a project already. */
export function prefixTaken(prefix: string, owner: string): DomainError {
  return new DomainError("CONFLICT", `Prefix '${prefix}' is already used by project '${owner}'.`, {
    prefix_owner: { project_id: owner, prefix },
    next_action: "Choose another prefix.",
  });
}

/** The parent is no project. */
export function parentMissing(parent: string): DomainError {
  const message = `Project '${parent}' not found`;
  return invalidInput(`parent: ${message}`, { fields: [{ field: "parent", message }] });
}

type Step = "projects_table" | "tracker_reference_row" | "s3_reference_doc";

/**
 * A creation that got stuck half-way.
 * @param rolledBack whether nothing of it is left behind; only then does it make sense to try again
 */
export function creationFailed(step: Step, rolledBack: boolean, options: { retryable?: boolean; cause?: unknown }) {
  const left = rolledBack ? "Nothing was created." : "Parts of it are left behind; an operator has been told.";
  return new DomainError(
    "INTERNAL_ERROR",
    `The project could not be created. ${left}`,
    { failed_step: step, rolled_back: rolledBack },
    { retryable: rolledBack, ...options },
  );
}
