import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import * as z from "zod";
import { createRecord, DEPENDENCY_KINDS, importRecords, RECORD_TYPES, writerOf } from "../../domain/tracker/index.ts";
import { existingProject, projectForCreation } from "./project-check.ts";
import { claims, projectParams, success, typeParams } from "./schemas.ts";

const text = z.string().nullish();

export const createProjectRecord = operation({
  id: "createRecord",
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  method: "POST",
  path: "/api/v1/tracker/{project}/{type}",
  summary: "Creates a task, issue or feature",
  description:
    "A task needs acceptance criteria, a feature those and a user story, an issue evidence. Ids are consecutive in their project and type.",
  params: typeParams,
  bodyLimit: 262_144,
  project: existingProject,
  body: z.object({
    title: text,
    description: text,
    priority: text,
    assigned_to: text,
    severity: text,
    hypothesis: text,
    status: text,
    acceptance_criteria: z.union([z.string(), z.array(z.string())]).nullish(),
    user_story: text,
    evidence: z
      .unknown()
      .optional()
      .meta({ description: "Of an issue: [{description, steps_to_duplicate: [..], observed_by?, timestamp?}]" }),
    success_metrics: z.unknown().optional().meta({ description: "Of a feature: a list of texts" }),
    category: text,
    intent: text,
    primary_task: text,
    related: z.union([z.string(), z.array(z.string())]).nullish(),
    coordination: z.union([z.boolean(), z.string()]).nullish(),
    labels: z.array(z.string()).nullish(),
    governance_hash: z.unknown().optional(),
    ...claims,
  }),
  responses: {
    201: {
      description: "Created",
      schema: success({
        record_id: z.string(),
        created_at: z.string(),
        warning: z.string().optional(),
        bidi_warnings: z.array(z.string()).optional(),
      }),
    },
  },
  handler: async ({ params, body, caller, onceKey }) => {
    const project = await projectForCreation(params.project);
    const writer = writerOf(body, caller);
    const created = await createRecord(project, params.type, body, writer, onceKey);
    const { itemId, createdAt, warning, bidiWarnings } = created;
    const answer = {
      success: true,
      record_id: itemId,
      created_at: createdAt,
      ...(warning && { warning }),
      ...(bidiWarnings.length > 0 && { bidi_warnings: bidiWarnings }),
    };
    return reply(201, answer, { ETag: versionTag(1) });
  },
});

/** A record as the import takes it and as an export writes it. */
export const importedRecord = z.object({
  external_id: z.string().trim().min(1).max(500),
  type: z.enum(RECORD_TYPES),
  title: z.string(),
  description: text,
  status: z.string(),
  priority: text,
  labels: z.array(z.string()).nullish(),
  created_at: text.meta({ description: "Default: the time of the first import" }),
  updated_at: text,
  closed_at: text,
  close_reason: text,
  parent: z.string().max(500).nullish(),
  dependencies: z
    .array(
      z.object({
        external_id: z.string().trim().min(1).max(500),
        kind: z.enum(DEPENDENCY_KINDS),
        in_another_project: z.boolean().nullish().meta({
          description: "external_id is the id of a record in another project; it has to be there already",
        }),
      }),
    )
    .nullish(),
  attributes: z
    .record(z.string(), z.unknown())
    .nullish()
    .meta({ description: "Everything else that a record may have: assigned_to, acceptance_criteria, evidence, ..." }),
});

export const importProjectRecords = operation({
  id: "importRecords",
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:admin",
  method: "POST",
  path: "/api/v1/tracker/{project}/imports",
  summary: "Brings issues in from another tracker",
  description:
    "Creates or updates by external_id, at most 25 records a call; safe to repeat. Edges to records that come later are kept and joined when they arrive.",
  params: projectParams,
  project: existingProject,
  body: z.object({ records: z.array(importedRecord).min(1).max(25), ...claims }),
  responses: {
    200: {
      description: "What became of each record",
      schema: success({
        records: z.array(
          z.object({
            external_id: z.string(),
            result: z.enum(["created", "updated", "unchanged", "failed"]),
            record_id: z.string().optional(),
            reason: z.string().optional(),
            warnings: z.array(z.string()).optional().meta({ description: "Dependencies that were left out, and why" }),
          }),
        ),
      }),
    },
  },
  handler: async ({ params, body, caller }) => {
    const project = await projectForCreation(params.project);
    return reply(200, { success: true, records: await importRecords(project, body.records, writerOf(body, caller)) });
  },
});
