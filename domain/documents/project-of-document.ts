import { isVisible } from "@enceladus/shared/auth-context";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { getProject } from "../projects/index.ts";
import type { DocumentWriter } from "./attribution.ts";

/** As much of a name as a message repeats. */
const SHOWN = 100;

/**
 * Makes sure that there is a project for a new document. One that the writer may not see is none.
 * @throws DomainError NOT_FOUND, UNAVAILABLE (the registry cannot be read)
 */
export async function assertProject(projectId: string, { visible }: DocumentWriter): Promise<void> {
  const lookup = isVisible(visible, projectId) ? await getProject(projectId) : { kind: "missing" as const };
  if (lookup.kind === "missing") throw notFound(`Project '${firstCharacters(projectId, SHOWN)}' not found.`);
  if (lookup.kind === "found") return;
  const options = { retryAfterSeconds: 1, cause: lookup.cause };
  throw new DomainError("UNAVAILABLE", "The project of the document cannot be looked up.", {}, options);
}
