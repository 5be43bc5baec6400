import type { HttpRequest } from "@enceladus/middleware/http-event";
import { readBody } from "@enceladus/middleware/read-body";
import { invalidInput } from "@enceladus/shared/errors";

const BODY_LIMIT = 64 * 1_024;

/**
 * The project that a call about one thing names: `project` of the query, or `project_id` of the body of older clients.
 * @throws DomainError INVALID_INPUT
 */
export function projectOfCall(inQuery: string | undefined, request: HttpRequest): string {
  const inBody = inQuery ? undefined : readBody(request, BODY_LIMIT).project_id;
  const project = (inQuery || (typeof inBody === "string" ? inBody : "")).trim();
  if (project !== "" && project.length <= 255) return project;
  throw invalidInput("project: is required.", { fields: [{ field: "project", message: "is required." }] });
}
