import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import * as z from "zod";
import {
  type ChangedDependency,
  DEPENDENCY_KINDS,
  putDependency,
  removeDependency,
  writerOf,
} from "../../domain/tracker/index.ts";
import { existingProject } from "./project-check.ts";
import { claims, expectedVersion, recordParams, success } from "./schemas.ts";
import { targetOf } from "./target.ts";

const kind = z.enum(DEPENDENCY_KINDS).meta({
  description:
    "blocks: the other must close first; parent: the other is a parent, whose blockers block its children; related; discovered_from",
});

const COMMON = {
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  path: "/api/v1/tracker/{project}/{type}/{id}/dependencies/{otherId}",
  params: recordParams.extend({
    otherId: recordParams.shape.id.meta({ description: "The record at the other end, in any project" }),
  }),
  bodyLimit: 262_144,
  project: existingProject,
  versioned: true,
  fenced: true,
} as const;

const writer = { expected_version: expectedVersion, session_id: z.string().nullish(), ...claims };

const dependency = z
  .object({ from: z.string(), to: z.string(), kind, created_at: z.string() })
  .meta({ id: "Dependency", description: "An edge between two records, by their ids" });

function answer(status: 200 | 201, { dependency, version }: ChangedDependency) {
  return reply(status, { success: true, dependency }, { ETag: versionTag(version) });
}

export const putRecordDependency = operation({
  ...COMMON,
  id: "putDependency",
  method: "PUT",
  summary: "Makes a record depend on another one",
  description: "A cycle of `blocks` and `parent` is refused with the path that it would have. At most 100 a record.",
  body: z.object({ kind, ...writer }),
  responses: {
    200: { description: "It was there before", schema: success({ dependency }) },
    201: { description: "Made", schema: success({ dependency }) },
  },
  handler: async (call) => {
    const { params, body, caller } = call;
    const made = await putDependency(targetOf(call), params.otherId, body.kind, writerOf(body, caller));
    return answer(made.isNew ? 201 : 200, made);
  },
});

export const removeRecordDependency = operation({
  ...COMMON,
  id: "removeDependency",
  method: "DELETE",
  summary: "Takes a dependency of a record away",
  query: z.object({ kind }),
  body: z.object(writer),
  responses: { 200: { description: "Gone", schema: success({ dependency }) } },
  handler: async (call) => {
    const { params, query, body, caller } = call;
    return answer(200, await removeDependency(targetOf(call), params.otherId, query.kind, writerOf(body, caller)));
  },
});
