import { listFields } from "@enceladus/middleware/list-fields";
import { pageLimit } from "@enceladus/middleware/page-limit";
import * as z from "zod";

/** A project as every answer shows it; what operators have added to the entry passes through. */
const projectShape = {
  project_id: z.string(),
  prefix: z.string().describe("Three capital letters; the ids of the project's records begin with it"),
  path: z.string().describe("Deprecated"),
  repo: z.string().nullable(),
  summary: z.string(),
  status: z.string().describe("planning, development, active_production, closed or archived"),
  parent: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  created_by: z.string(),
};

const listedProject = z.looseObject({
  ...projectShape,
  days_since_active: z.number().int().nullable().describe("Whole days since anything in its tracker changed"),
});

export const createdAnswer = z.object({
  success: z.literal(true),
  project: z.object(projectShape),
  initialization: z.object({
    projects_table: z.literal("created"),
    tracker_reference_row: z.literal("created"),
    s3_reference_doc: z.enum(["created", "exists"]),
  }),
});

export const listAnswer = z.object({
  success: z.literal(true),
  projects: z.array(listedProject.partial().required({ project_id: true })).describe("Whole, or as `fields` has it"),
  count: z.number().int().describe("How many are on this page"),
  next_cursor: z.string().optional().describe("Only when more follow"),
});

export const projectAnswer = z.object({ success: z.literal(true), project: listedProject });

/** What the list may be narrowed to; a status wins over `active`. */
export const listQuery = z.object({
  status: z.string().optional().describe("Exactly this status"),
  active: z.string().optional().describe("`true` or `1`: without closed and archived projects"),
  fields: listFields("project_id"),
  limit: pageLimit(200),
  cursor: z.string().optional(),
});
