import { handler } from "../../functions/project-service/handler.ts";
import { callFunction } from "./call-function.ts";
import { anyName, anyPrefix } from "./projects.ts";
import { signIn } from "./services.ts";

/** A project as the API answers it. */
export interface AnsweredProject {
  project_id: string;
  prefix: string;
  status: string;
  created_at: string;
  created_by: string;
  days_since_active?: number | null;
  [attribute: string]: unknown;
}

/** Everything that an answer about projects may hold. */
export interface ProjectAnswer {
  success: boolean;
  project: AnsweredProject;
  projects: AnsweredProject[];
  count: number;
  next_cursor?: string;
  error: string;
  error_envelope: { code: string; retryable: boolean; details: Record<string, unknown> };
}

type Headers = Readonly<Record<string, string>>;

/** A request for a project that nobody else makes. */
export function newRequest(fields: Readonly<Record<string, unknown>> = {}) {
  return { name: anyName(), prefix: anyPrefix(), summary: "A project for a test", ...fields };
}

/** `POST /projects` of a signed-in person. */
export function postProject(body: unknown, headers: Headers = {}) {
  return callFunction<ProjectAnswer>(handler, {
    method: "POST",
    path: "/api/v1/projects",
    headers: { cookie: signIn(), ...headers },
    body,
  });
}

/** `GET` on a path of the project service, of a signed-in person. */
export function getProjects(path = "", query: Readonly<Record<string, string>> = {}, headers: Headers = {}) {
  return callFunction<ProjectAnswer>(handler, {
    method: "GET",
    path: `/api/v1/projects${path}`,
    query,
    headers: { cookie: signIn(), ...headers },
  });
}
