import { isChange, type Operation } from "@enceladus/middleware/operation";
import { operations } from "../../functions/tracker-mutation/operations.ts";
import { call, create, LEAST, pathOf, set } from "./tracker-api.ts";

export interface GrantedLease {
  lease_id: string;
  fence: number;
  expires_at: string;
}

const NO_LEASE: GrantedLease = { lease_id: "", fence: 0, expires_at: "" };

/** What a change is made to. */
export interface Scene {
  project: string;
  /** The record that is changed. */
  id: string;
  /** Another one, a task. */
  other: string;
  /** The lease under which the change is made; empty where it is made under none. */
  lease: GrantedLease;
}

interface Sample {
  /** What it does, where an operation does several things. */
  what?: string;
  type?: "task" | "feature";
  /** Only a holder can do it. */
  byHolder?: true;
  /** Makes what has to be there before. */
  arrange?: (scene: Scene) => Promise<unknown>;
  body?: (scene: Scene) => object;
  query?: Readonly<Record<string, string>>;
  /** How many entries it adds to histories; default 1. */
  entries?: number;
}

const close = ({ project, id }: Scene) => call("PATCH", pathOf(project, id), { action: "close" });

/** How each operation that changes something is called with success. */
const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  claimNext: [{ body: () => ({ session_id: "claude", types: ["task"] }) }],
  importRecords: [
    {
      entries: 2,
      body: () => ({
        records: ["a", "b"].map((external_id) => ({ external_id, type: "task", title: "x", status: "open" })),
      }),
    },
  ],
  createRecord: [{ body: () => LEAST.task }],
  updateRecord: [
    { what: "a field", body: () => ({ field: "priority", value: "P0" }) },
    { what: "a field that names others", body: ({ other }) => ({ field: "depends_on", value: [other] }) },
    { what: "the status", body: () => ({ field: "status", value: "in-progress" }) },
    { what: "a note", body: () => ({ action: "note", note: "look at it" }) },
    { what: "close", body: () => ({ action: "close" }) },
    { what: "reopen", arrange: close, body: () => ({ action: "reopen" }) },
    { what: "a checkout", body: () => ({ field: "active_agent_session", value: true, provider: "claude" }) },
    { what: "a release", byHolder: true, body: () => ({ field: "active_agent_session", value: false }) },
  ],
  logWork: [{ body: () => ({ description: "half of it" }) }],
  checkoutRecord: [{ body: () => ({ provider: "claude" }) }],
  heartbeat: [{ byHolder: true, entries: 0, body: ({ lease }) => ({ lease_id: lease.lease_id }) }],
  releaseRecord: [{ byHolder: true, body: () => ({}) }],
  putDependency: [{ body: () => ({ kind: "blocks" }) }],
  removeDependency: [
    {
      arrange: ({ project, id, other }) => set(project, id, "related_task_ids", [other]),
      query: { kind: "related" },
      entries: 2,
    },
  ],
  postAcceptanceEvidence: [{ type: "feature", body: () => ({ criterion_index: 0, evidence: "a run" }) }],
};

/** A change as tests over all of them see it. */
export interface TrackerChange {
  title: string;
  operation: Operation;
  sample: Sample;
}

/** Every operation that changes something. */
export const changingOperations: readonly Operation[] = operations.filter(isChange);

/** Every change that there is a sample of. */
export const trackerChanges: readonly TrackerChange[] = changingOperations.flatMap((operation) =>
  (SAMPLES[operation.id] ?? []).map((sample) => ({
    title: `${operation.method} ${operation.path.replace("/api/v1/tracker", "")}${sample.what ? ` (${sample.what})` : ""}`,
    operation,
    sample,
  })),
);

/** The operations of some kind that nobody has written a sample for. */
export function withoutSample(isOfKind: (operation: Operation) => unknown): string[] {
  return changingOperations.filter((one) => isOfKind(one) && !Object.hasOwn(SAMPLES, one.id)).map(({ id }) => id);
}

/** Makes what a change needs. @param seconds how long the holder's lease lasts; undefined for no lease */
export async function sceneOf({ sample }: TrackerChange, project: string, seconds?: number): Promise<Scene> {
  const id = await create(project, sample.type ?? "task");
  const scene: Scene = { project, id, other: await create(project, "task"), lease: NO_LEASE };
  await sample.arrange?.(scene);
  return seconds === undefined ? scene : { ...scene, lease: await takenBy("claude", scene, seconds) };
}

/** Checks the record out. */
export async function takenBy(
  session_id: string,
  { project, id }: Pick<Scene, "project" | "id">,
  lease_seconds: number,
): Promise<GrantedLease> {
  const answer = await call("POST", `${pathOf(project, id)}/checkout`, { session_id, lease_seconds });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body.lease as GrantedLease;
}

/** The request of a change, as `call` takes it. */
export function requestOf({ operation, sample }: TrackerChange, scene: Scene) {
  const { type = "task", body, query } = sample;
  const values: Readonly<Record<string, string>> = { ...scene, type, otherId: scene.other, lease: "" };
  const path = operation.path.replace("/api/v1/tracker", "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  return { method: operation.method, path, body: body?.(scene) ?? {}, ...(query && { query }) };
}
