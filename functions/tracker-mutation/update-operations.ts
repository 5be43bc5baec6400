import { requireScope } from "@enceladus/middleware/authorize";
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
  type RecordAddress,
  release,
  repositoryOf,
  runAction,
  type TransitionEvidence,
  UI_ACTIONS,
  updateField,
  writerOf,
} from "../../domain/tracker/index.ts";
import { checkoutAnswer, releaseAnswer, releaseRequest } from "./lock-operations.ts";
import { existingProject } from "./project-check.ts";
import { claims, lease, recordParams, success } from "./schemas.ts";

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
  expected_version: z.number().int().nonnegative().nullish(),
  force: z.boolean().nullish(),
  reason: z.string().max(2_000).nullish(),
  session_id: text,
  lease_id: text,
  lease_seconds: z.number().int().min(60).max(86_400).nullish(),
  governance_hash: z.unknown().optional(),
  ...claims,
});

type Body = z.output<typeof body>;

function trimmedEvidence(sent: z.output<typeof evidence>): TransitionEvidence {
  const entries = Object.entries(sent ?? {}).map(([field, value]) => [field, value?.trim() || undefined] as const);
  const trimmed: TransitionEvidence = Object.fromEntries(entries);
  return { ...trimmed, commit_sha: trimmed.commit_sha?.toLowerCase() };
}

async function runUiAction(address: RecordAddress, sent: Body, caller: AuthContext): Promise<Reply> {
  const writer = writerOf(sent, caller);
  const action = UI_ACTIONS.find((known) => known === sent.action);
  if (!action) throw invalidInput(`Field 'action' must be one of ${UI_ACTIONS.join(", ")}.`);
  // To close and reopen past gates and locks is a person's override; an agent needs the right to stand in for one.
  if (action !== "note") requireScope(caller, { scope: "tracker:admin" });
  const hasNote = (sent.note ?? "").trim() !== "";
  const note = action === "note" || hasNote ? parseNote(sent.note) : undefined;
  const expectedVersion = sent.expected_version ?? undefined;
  const record = await runAction({ address, action, note, expectedVersion, writer });
  const status = action === "note" ? {} : { updated_status: record.status };
  return reply(200, { success: true, action, record_id: record.item_id, ...status, updated_at: record.updated_at });
}

async function setSession(address: RecordAddress, sent: Body, caller: AuthContext): Promise<Reply> {
  const writer = writerOf(sent, caller);
  const takes = parseSwitch("active_agent_session", sent.value);
  const common = { field: "active_agent_session", value: takes };
  if (takes)
    return reply(200, {
      ...checkoutAnswer(await checkout(address, writer, sent.lease_seconds ?? undefined)),
      ...common,
    });
  const released = await release(address, writer, releaseRequest(sent, caller));
  return reply(200, { ...releaseAnswer(released), ...common });
}

/** Where the project keeps its code; only a push has to know. */
async function repositoryFor(address: RecordAddress, wanted: boolean) {
  if (!wanted) return undefined;
  const lookup = await getProject(address.projectId);
  return lookup.kind === "found" ? repositoryOf(lookup.project.repo) : undefined;
}

async function setField(address: RecordAddress, sent: Body, caller: AuthContext): Promise<Reply> {
  const field = parseFieldName(sent.field);
  if (field === "active_agent_session") return setSession(address, sent, caller);
  const value = parseFieldValue(address.type, address.itemId, field, sent.value);
  const { record, warnings } = await updateField({
    address,
    value,
    evidence: trimmedEvidence(sent.transition_evidence),
    expectedVersion: sent.expected_version ?? undefined,
    writer: writerOf(sent, caller),
    repository: await repositoryFor(address, field === "status" && value.value === "pushed"),
  });
  return reply(200, {
    success: true,
    record_id: record.item_id,
    field,
    value: record[field] ?? value.value,
    updated_at: record.updated_at,
    ...(field === "status" && { updated_status: record.status }),
    ...(warnings.length > 0 && { warnings }),
  });
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
  handler: ({ params, body: sent, caller }) => {
    const address = { projectId: params.project, type: params.type, itemId: params.id };
    return sent.action ? runUiAction(address, sent, caller) : setField(address, sent, caller);
  },
});
