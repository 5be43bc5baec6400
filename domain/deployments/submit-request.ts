import type { VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError, invalidInput } from "@enceladus/shared/errors";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import { projectsOfIds } from "../tracker/index.ts";
import { type Announcement, announceRequest } from "./announce-request.ts";
import { newRequestId } from "./ids.ts";
import { rowKeys } from "./keys.ts";
import { type NewRequest, nonUiConfigOf } from "./new-request.ts";
import type { HookResult, NonUiConfig } from "./non-ui-config.ts";
import { runHooks } from "./pre-deploy-hooks.ts";
import { requireProject } from "./project-check.ts";
import { type DeployState, projectState } from "./project-state.ts";
import { type DeployRequest, pendingKey } from "./request.ts";
import { putRequest } from "./request-store.ts";
import { settings } from "./settings.ts";
import { requireSourceKey } from "./source-key.ts";
import { failed, transact } from "./transaction.ts";

/** Who submits, as the credential says. */
export interface Submitter {
  principal: string;
  visible: VisibleProjects;
}

/** What was stored, as much of it as an answer needs. */
interface Stored {
  requestId: string;
  hookResults: HookResult[];
}

/** A request that was taken. */
export interface SubmittedRequest extends Announcement {
  request_id: string;
  deployment_type: string;
  pre_deploy_results: HookResult[];
}

/** A row has 400 KB at most, and a spec has to hold what several requests say. */
const MAX_BYTES = 300 * 1_024;
const ID_ATTEMPTS = 10;

/** Those of the records that the submitter may not see, or that belong to no project. */
async function foreignRecords(ids: readonly string[], visible: VisibleProjects): Promise<string[]> {
  if (visible === "all" || ids.length === 0) return [];
  const projectOf = await projectsOfIds(ids, visible);
  return ids.filter((id) => projectOf(id) === undefined);
}

/** All that a request says from the beginning, but for its id and its time. */
interface Draft {
  request: NewRequest;
  by: Submitter;
  config: NonUiConfig | undefined;
  hookResults: HookResult[];
  foreign: string[];
}

function rowOf({ request, by, config, hookResults, foreign }: Draft, now: number): DeployRequest {
  const { project_id, change_type, deployment_type, summary, changes, related_record_ids, submitted_by } = request;
  const { files_changed, pre_deploy_hooks, github_config, source_key } = request;
  const identity = { request_id: newRequestId(now), submitted_at: timestamp(now) };
  return {
    project_id,
    record_id: rowKeys.request(identity.request_id),
    record_type: "request",
    ...identity,
    pending_key: pendingKey(identity),
    status: "pending",
    submitted_by,
    submitted_by_principal: by.principal,
    change_type,
    deployment_type,
    summary,
    changes,
    related_record_ids,
    ...(foreign.length > 0 && { foreign_record_ids: foreign }),
    ...(files_changed.length > 0 && { files_changed }),
    ...(pre_deploy_hooks.length > 0 && { pre_deploy_hooks, pre_deploy_results: JSON.stringify(hookResults) }),
    ...(config && { non_ui_config: JSON.stringify(config) }),
    ...(github_config && { github_config: JSON.stringify(github_config) }),
    ...(source_key && { source_key }),
  };
}

/** @throws DomainError INVALID_INPUT for a request that is too large to be stored */
function requireFitting(row: DeployRequest): void {
  const bytes = Buffer.byteLength(JSON.stringify(row));
  if (bytes <= MAX_BYTES) return;
  const message = `The request has ${bytes} bytes; at most ${MAX_BYTES} can be stored.`;
  throw invalidInput(message, { size_bytes: bytes, limit_bytes: MAX_BYTES });
}

/** Stores a request under an id of its own, together with the mark of its call. */
async function store(draft: Draft, onceKey: string | undefined): Promise<Stored> {
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt += 1) {
    const now = Date.now();
    const row = rowOf(draft, now);
    requireFitting(row);
    const stored: Stored = { requestId: row.request_id, hookResults: draft.hookResults };
    const mark = onceKey === undefined ? [] : [markDone(onceKey, stored, now)];
    const outcome = await transact([putRequest(row), ...mark]);
    if (outcome.committed) return stored;
    if (onceKey === undefined || !failed(outcome.reasons[1])) continue;
    // An earlier run of this call, given up for dead, was only slow.
    const done = await doneBefore<Stored>(onceKey);
    if (done) return done.result;
  }
  throw new DomainError("INTERNAL_ERROR", "No free id was found for the request.", {}, { retryable: true });
}

/** What was stored, and the state of the project before that. */
interface Taken {
  stored: Stored;
  before: DeployState;
}

/** Checks and stores a request of a project that exists. */
async function take(
  request: NewRequest,
  config: NonUiConfig | undefined,
  by: Submitter,
  onceKey: string | undefined,
): Promise<Taken> {
  const { project_id: projectId } = request;
  if (request.source_key) await requireSourceKey(projectId, request.source_key);
  const hookResults = await runHooks(projectId, request.pre_deploy_hooks);
  const foreign = await foreignRecords(request.related_record_ids, by.visible);
  const before = await stateOf(projectId);
  return { stored: await store({ request, by, config, hookResults, foreign }, onceKey), before };
}

async function stateOf(projectId: string): Promise<DeployState> {
  return (await projectState(projectId)).published.state;
}

/** What an earlier run of the call has stored, of which the caller has heard nothing. */
async function takenBefore(projectId: string, onceKey: string | undefined): Promise<Taken | undefined> {
  const done = onceKey === undefined ? undefined : await doneBefore<Stored>(onceKey);
  return done && { stored: done.result, before: await stateOf(projectId) };
}

/**
 * Takes a request to deploy something: checks it, runs its hooks, stores it, and says that there is something to deploy
 * unless the project is paused.
 * @param onceKey stands for the call where its caller has given it a key: whoever repeats it gets the same request
 * @throws DomainError INVALID_INPUT; NOT_FOUND (project); CONFLICT (a hook has failed); UNAVAILABLE, INTERNAL_ERROR
 */
export async function submitRequest(request: NewRequest, by: Submitter, onceKey?: string): Promise<SubmittedRequest> {
  const { project_id: projectId, deployment_type, auto_trigger: wanted } = request;
  const config = nonUiConfigOf(request, settings.region());
  await requireProject(projectId, by.visible);
  const taken = (await takenBefore(projectId, onceKey)) ?? (await take(request, config, by, onceKey));
  const { requestId, hookResults } = taken.stored;
  const announced = await announceRequest({ projectId, requestId, wanted }, taken.before);
  return { request_id: requestId, deployment_type, ...announced, pre_deploy_results: hookResults };
}
