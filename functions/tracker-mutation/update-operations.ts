import { requireScope } from "@enceladus/middleware/authorize";
import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { type Reply, reply } from "@enceladus/middleware/reply";
import type { AuthContext } from "@enceladus/shared/auth-context";
import { invalidInput } from "@enceladus/shared/errors";
import * as z from "zod";
import { getProject } from "../../domain/projects/index.ts";
import {
  checkout,
  parseFieldName,
  parseFieldValue,
  parseNote,
  parseSwitch,
  release,
  repositoryOf,
  runAction,
  type Target,
  type TransitionEvidence,
  UI_ACTIONS,
  updateField,
  writerOf,
} from "../../domain/tracker/index.ts";
import { checkoutAnswer, checkoutRequest, releaseAnswer, releaseRequest } from "./lock-operations.ts";
import { existingProject } from "./project-check.ts";
import { claims, expectedVersion, lease, leaseSeconds, recordParams, success } from "./schemas.ts";
import { targetOf } from "./target.ts";

const text = z.string().nullish();

const evidence = z
  .object({
    commit_sha: text,
    owner: text,
    repo: text,
    merge_evidence: text,
    deployment_ref: text,
    revert_reason: text,
  })
  .nullish()
  .meta({ description: "What a status change brings along for its gate" });

const body = z.object({
  action: z
    .unknown()
    .optional()
    .meta({ description: "close, note or reopen: what a person does in the user interface" }),
  note: text,
  field: z.unknown().optional().meta({ description: "The field to set" }),
  value: z.unknown().optional(),
  transition_evidence: evidence,
  expected_version: expectedVersion,
  force: z.boolean().nullish(),
  reason: z.string().max(2_000).nullish(),
  session_id: text,
  lease_id: text,
  lease_seconds: leaseSeconds,
  governance_hash: z.unknown().optional(),
  ...claims,
});

type Body = z.output<typeof body>;

function trimmedEvidence(sent: z.output<typeof evidence>): TransitionEvidence {
  const entries = Object.entries(sent ?? {}).map(([field, value]) => [field, value?.trim() || undefined] as const);
  const trimmed: TransitionEvidence = Object.fromEntries(entries);
  return { ...trimmed, commit_sha: trimmed.commit_sha?.toLowerCase() };
}

async function runUiAction(target: Target, sent: Body, caller: AuthContext): Promise<Reply> {
  const writer = writerOf(sent, caller);
  const action = UI_ACTIONS.find((known) => known === sent.action);
  if (!action) throw invalidInput(`Field 'action' must be one of ${UI_ACTIONS.join(", ")}.`);
  // To close and reopen past gates and locks is a person's override; an agent needs the right to stand in for one.
  if (action !== "note") requireScope(caller, { scope: "tracker:admin" });
  const hasNote = (sent.note ?? "").trim() !== "";
  const note = action === "note" || hasNote ? parseNote(sent.note) : undefined;
  const record = await runAction({ target, action, note, writer });
  const status = action === "note" ? {} : { updated_status: record.status };
  const answer = { success: true, action, record_id: record.item_id, ...status, updated_at: record.updated_at };
  return reply(200, answer, tagOf(record));
}

function tagOf({ sync_version }: { sync_version?: number | undefined }) {
  return { ETag: versionTag(sync_version ?? 0) };
}

async function setSession(target: Target, sent: Body, caller: AuthContext): Promise<Reply> {
  const writer = writerOf(sent, caller);
  const takes = parseSwitch("active_agent_session", sent.value);
  const common = { field: "active_agent_session", value: takes };
  if (takes) {
    const grant = await checkout(target, writer, checkoutRequest(sent, caller));
    return reply(200, { ...checkoutAnswer(grant), ...common }, tagOf(grant.record));
  }
  const released = await release(target, writer, releaseRequest(sent, caller));
  return reply(200, { ...releaseAnswer(released), ...common }, tagOf(released));
}

/** Where the project keeps its code; only a push has to know. */
async function repositoryFor({ projectId }: Target, wanted: boolean) {
  if (!wanted) return undefined;
  const lookup = await getProject(projectId);
  return lookup.kind === "found" ? repositoryOf(lookup.project.repo) : undefined;
}

async function setField(target: Target, sent: Body, caller: AuthContext): Promise<Reply> {
  const field = parseFieldName(sent.field);
  if (field === "active_agent_session") return setSession(target, sent, caller);
  const parsed = parseFieldValue(target.type, target.itemId, field, sent.value);
  const { record, value, warnings } = await updateField({
    target,
    value: parsed,
    evidence: trimmedEvidence(sent.transition_evidence),
    writer: writerOf(sent, caller),
    repository: await repositoryFor(target, field === "status" && parsed.value === "pushed"),
  });
  const answer = {
    success: true,
    record_id: record.item_id,
    field,
    value,
    updated_at: record.updated_at,
    ...(field === "status" && { updated_status: record.status }),
    ...(warnings.length > 0 && { warnings }),
  };
  return reply(200, answer, tagOf(record));
}

export const updateRecord = operation({
  id: "updateRecord",
  tag: "tracker",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  method: "PATCH",
  path: "/api/v1/tracker/{project}/{type}/{id}",
  alias: "/{projectId}/{recordType}/{recordId}",
  summary: "Sets one field of a record, or does what a person does in the user interface",
  description:
    "A status goes through the lifecycle of its type; a refusal lists the transitions that are possible and the evidence each wants. " +
    "The actions close and reopen pass gates and locks by; an agent's key needs `tracker:admin` for them.",
  params: recordParams,
  bodyLimit: 262_144,
  project: existingProject,
  versioned: true,
  fenced: true,
  body,
  responses: {
    200: {
      description: "Written",
      schema: success({
        record_id: z.string(),
        updated_at: z.string(),
        field: z.string().optional(),
        value: z.unknown().optional(),
        action: z.enum(UI_ACTIONS).optional(),
        updated_status: z.string().optional(),
        checkout: z.boolean().optional(),
        active_agent_session_id: z.string().optional(),
        lease: lease.optional(),
        warnings: z.array(z.string()).optional(),
      }),
    },
  },
  handler: (call) => {
    const { body: sent, caller } = call;
    const target = targetOf(call);
    return sent.action ? runUiAction(target, sent, caller) : setField(target, sent, caller);
  },
});
