import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { firstCharacters } from "@enceladus/shared/text";
import * as z from "zod";
import {
  appendLog,
  parseCriterionEvidence,
  parseLogText,
  parseSwitch,
  putCriterionEvidence,
  writerOf,
} from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { claims, expectedVersion, recordParams, success } from "./schemas.ts";
import { targetOf } from "./target.ts";

const COMMON = {
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  method: "POST",
  params: recordParams,
  bodyLimit: 262_144,
  project: existingProject,
  versioned: true,
  fenced: true,
} as const;

export const logWork = operation({
  ...COMMON,
  id: "logWork",
  path: "/api/v1/tracker/{project}/{type}/{id}/log",
  summary: "Adds a worklog entry to a record",
  body: z.object({
    description: z.string().nullish(),
    expected_version: expectedVersion,
    session_id: z.string().nullish(),
    ...claims,
  }),
  responses: { 200: { description: "Written", schema: success({ record_id: z.string(), updated_at: z.string() }) } },
  handler: async (call) => {
    const { body, caller } = call;
    const logged = await appendLog(targetOf(call), writerOf(body, caller), parseLogText(body.description));
    const { item_id, updated_at, sync_version } = logged;
    return reply(200, { success: true, record_id: item_id, updated_at }, { ETag: versionTag(sync_version ?? 0) });
  },
});

const wholeNumber = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d{1,9}$/, "a whole number is wanted")
    .transform(Number),
]);

export const postAcceptanceEvidence = operation({
  ...COMMON,
  id: "postAcceptanceEvidence",
  path: "/api/v1/tracker/{project}/{type}/{id}/acceptance-evidence",
  summary: "Puts evidence on an acceptance criterion of a feature",
  body: z.object({
    criterion_index: wholeNumber,
    evidence: z.string().max(50_000).nullish(),
    evidence_acceptance: z.union([z.boolean(), z.string()]).nullish(),
    expected_version: expectedVersion,
    session_id: z.string().nullish(),
    ...claims,
  }),
  responses: {
    200: {
      description: "Written",
      schema: success({
        record_id: z.string(),
        criterion_index: z.number().int(),
        evidence_acceptance: z.boolean(),
        updated_at: z.string(),
        criteria_summary: z.array(
          z.object({ index: z.number().int(), description: z.string(), evidence_acceptance: z.boolean() }),
        ),
        all_criteria_accepted: z.boolean(),
        completion_eligible: z.boolean(),
      }),
    },
  },
  handler: async (call) => {
    const { body, caller } = call;
    const accepted = parseSwitch("evidence_acceptance", body.evidence_acceptance);
    const shown = parseCriterionEvidence(body.criterion_index, body.evidence ?? "", accepted);
    const { record, criteria } = await putCriterionEvidence(targetOf(call), writerOf(body, caller), shown);
    const all = criteria.every((criterion) => criterion.evidence_acceptance);
    const answer = {
      success: true,
      record_id: record.item_id,
      criterion_index: shown.index,
      evidence_acceptance: accepted,
      updated_at: record.updated_at,
      criteria_summary: criteria.map(({ description, evidence_acceptance }, index) => ({
        index,
        description: firstCharacters(description, 100),
        evidence_acceptance,
      })),
      all_criteria_accepted: all,
      completion_eligible: all,
    };
    return reply(200, answer, { ETag: versionTag(record.sync_version ?? 0) });
  },
});
