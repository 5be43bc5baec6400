import { characters } from "@enceladus/shared/text";
import * as z from "zod";
import { FIRST_STATUSES, PREFIX_PATTERN, PROJECT_ID_PATTERN, type Project } from "./project.ts";

const MAX_SUMMARY = 500;
const MAX_REPO = 2_048;

/** One reason a field: a value that is missing, empty or of the wrong type has no further faults worth naming. */
const needed = {
  error: ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? "is required" : "must be a string",
};
const optional = { error: "must be a string" };

function isFirstStatus(text: string): text is (typeof FIRST_STATUSES)[number] {
  return (FIRST_STATUSES as readonly string[]).includes(text);
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text) && characters(text) <= MAX_REPO;
}

/**
 * What a caller says about a new project. Texts are trimmed before they are judged; null and blank mean "not given"
 * where a field is optional. Every fault is reported, in the order of the fields.
 */
export const newProject = z.object({
  name: z
    .string(needed)
    .trim()
    .regex(PROJECT_ID_PATTERN, "must begin with a-z and have at most 50 characters of a-z, 0-9, underscore and hyphen")
    .describe("Becomes the project's id"),
  prefix: z
    .string(needed)
    .trim()
    .toUpperCase()
    .regex(PREFIX_PATTERN, "must be three letters A-Z")
    .describe("What the ids of the project's records begin with; put in upper case"),
  summary: z
    .string(needed)
    .trim()
    .refine((text) => text !== "" && characters(text) <= MAX_SUMMARY, `must have 1 to ${MAX_SUMMARY} characters`)
    .describe(`1 to ${MAX_SUMMARY} characters`),
  status: z
    .string(optional)
    .trim()
    .nullish()
    .refine((text) => !text || isFirstStatus(text), `must be one of ${FIRST_STATUSES.join(", ")}`)
    .transform((text) => text || "planning")
    .describe(`One of ${FIRST_STATUSES.join(", ")}; the first by default`),
  parent: z
    .string(optional)
    .trim()
    .nullish()
    .refine((text) => !text || PROJECT_ID_PATTERN.test(text), "must be the name of a project")
    .transform((text) => text || undefined)
    .describe("The project that this one belongs under"),
  repo: z
    .string(optional)
    .trim()
    .nullish()
    .refine((text) => !text || isWebAddress(text), `must be an http or https URL of at most ${MAX_REPO} characters`)
    .transform((text) => text || undefined)
    .describe("An http or https URL"),
});

/** A new project after validation. */
export type NewProject = z.output<typeof newProject>;

/**
 * The registry's entry of a new project.
 * @param parent the project that it belongs under, as the registry has it
 * @param createdBy the label of who creates it
 * @param at a timestamp of the API
 */
export function entryOf(request: NewProject, parent: Project | undefined, createdBy: string, at: string): Project {
  const below = parent ? parent.path || `projects/${parent.project_id}` : "projects";
  return {
    project_id: request.name,
    prefix: request.prefix,
    path: `${below}/${request.name}`,
    summary: request.summary,
    status: request.status,
    created_at: at,
    updated_at: at,
    created_by: createdBy,
    ...(request.parent && { parent: request.parent }),
    ...(request.repo && { repo: request.repo }),
  };
}
