import { call, pathOf } from "../tracker-api.ts";
import type { ModelType } from "./lifecycle.ts";
import type { EdgeKind } from "./picture.ts";

/** Who asks: by name, as an agent without one, or as nobody in particular. */
export interface Asker {
  session_id?: string;
  write_source?: { channel: string };
}

/** What is asked for, with everything that it names. */
export type Asking =
  | { what: "create"; type: ModelType; status: string | undefined; priority: string; related: readonly string[] }
  | { what: "status"; to: string; hasEvidence: boolean }
  | { what: "action"; action: "close" | "reopen" | "note"; note: string }
  | { what: "field"; field: "title" | "priority"; value: string }
  | { what: "edges"; field: "depends_on" | "blocked_by" | "parent"; ids: readonly string[] }
  | { what: "relations"; type: ModelType; ids: readonly string[] }
  | { what: "log"; text: string }
  | { what: "evidence"; index: number; isAccepted: boolean; text: string }
  | { what: "checkout"; seconds: number | undefined; force: boolean; reason: string | undefined }
  | { what: "heartbeat"; leaseId: string; seconds: number | undefined }
  | { what: "release"; leaseId: string | undefined; force: boolean }
  | { what: "claim"; types: readonly ModelType[]; seconds: number | undefined }
  | { what: "depend" | "undepend"; other: string; kind: EdgeKind | "related" }
  | { what: "read" | "explain" | "history" }
  | { what: "list" | "ready" };

export type Asked = Asking & {
  project: string;
  /** The record that is asked about; empty where it is the project. */
  id: string;
  asker: Asker;
  ifMatch: readonly number[] | "*" | undefined;
  fence: number | undefined;
  expectedVersion: number | undefined;
  key: string | undefined;
};

/** A request as `call` takes it, but for who answers it. */
export interface Request {
  method: string;
  path: string;
  body?: Record<string, unknown>;
  query?: Record<string, string>;
}

const EVIDENCE = {
  transition_evidence: {
    commit_sha: "0123456789abcdef0123456789abcdef01234567",
    merge_evidence: "PR 12",
    deployment_ref: "v1.2.0",
    revert_reason: "it was too early",
  },
};
const OF_TYPE: Readonly<Record<ModelType, object>> = {
  task: { acceptance_criteria: ["it is done"] },
  issue: { evidence: [{ description: "It crashes", steps_to_duplicate: ["open it"] }] },
  feature: { user_story: "As a user", acceptance_criteria: ["it works"] },
};

function fieldOf(asked: Asked): Record<string, unknown> {
  if (asked.what === "status") {
    return { field: "status", value: asked.to, ...(asked.hasEvidence && EVIDENCE) };
  }
  if (asked.what === "field") return { field: asked.field, value: asked.value };
  if (asked.what === "relations") return { field: `related_${asked.type}_ids`, value: asked.ids };
  if (asked.what !== "edges") throw new Error(`${asked.what} sets no field`);
  const { field, ids } = asked;
  return { field, value: field === "depends_on" ? ids : ids.join(", ") };
}

/** The request without who asks and under which conditions. */
function plainRequest(asked: Asked): Request {
  const { project, id } = asked;
  const path = pathOf(project, id);
  switch (asked.what) {
    case "create": {
      const { type, status, priority, related } = asked;
      const body = { title: "Made by the model", ...OF_TYPE[type], related, ...(priority && { priority }) };
      return { method: "POST", path: `/${project}/${type}`, body: { ...body, ...(status && { status }) } };
    }
    case "status":
    case "field":
    case "edges":
    case "relations":
      return { method: "PATCH", path, body: fieldOf(asked) };
    case "action":
      return {
        method: "PATCH",
        path,
        body: { action: asked.action, ...(asked.action === "note" && { note: asked.note }) },
      };
    case "log":
      return { method: "POST", path: `${path}/log`, body: { description: asked.text } };
    case "evidence": {
      const { index, isAccepted, text } = asked;
      const body = { criterion_index: index, evidence_acceptance: isAccepted, evidence: text };
      return { method: "POST", path: `${path}/acceptance-evidence`, body };
    }
    case "checkout": {
      const { seconds, force, reason } = asked;
      const body = { ...(seconds && { lease_seconds: seconds }), ...(force && { force }), ...(reason && { reason }) };
      return { method: "POST", path: `${path}/checkout`, body };
    }
    case "heartbeat": {
      const body = { lease_id: asked.leaseId, ...(asked.seconds && { lease_seconds: asked.seconds }) };
      return { method: "POST", path: `${path}/checkout/heartbeat`, body };
    }
    case "release": {
      const body = {
        ...(asked.leaseId && { lease_id: asked.leaseId }),
        ...(asked.force && { force: true, reason: "stuck" }),
      };
      return { method: "DELETE", path: `${path}/checkout`, body };
    }
    case "claim": {
      const { types, seconds } = asked;
      return {
        method: "POST",
        path: `/${project}/claims/next`,
        body: { types, ...(seconds && { lease_seconds: seconds }) },
      };
    }
    case "depend":
      return { method: "PUT", path: `${path}/dependencies/${asked.other}`, body: { kind: asked.kind } };
    case "undepend":
      return { method: "DELETE", path: `${path}/dependencies/${asked.other}`, query: { kind: asked.kind }, body: {} };
    case "read":
      return { method: "GET", path };
    case "explain":
    case "history":
      return { method: "GET", path: `${path}/${asked.what}` };
    case "list":
      return { method: "GET", path: `/${project}` };
    case "ready":
      return { method: "GET", path: `/${project}/ready`, query: { types: "task,issue,feature" } };
  }
}

/** The request that asks for it. */
export function requestOf(asked: Asked): Request & { headers: Record<string, string> } {
  const { asker, ifMatch, fence, expectedVersion, key } = asked;
  const request = plainRequest(asked);
  const tags = ifMatch === "*" ? "*" : ifMatch?.map((version) => `"${version}"`).join(", ");
  const headers = {
    ...(tags !== undefined && { "If-Match": tags }),
    ...(fence !== undefined && { "X-Lease-Fence": String(fence) }),
    ...(key !== undefined && { "Idempotency-Key": key }),
  };
  if (!request.body) return { ...request, headers };
  const expected = expectedVersion === undefined ? {} : { expected_version: expectedVersion };
  return { ...request, body: { ...request.body, ...asker, ...expected }, headers };
}

export type Via = NonNullable<Parameters<typeof call>[3]>["via"];

/** Asks for it. @param more what is sent besides */
export function send(asked: Asked, via: Via, more: object = {}) {
  const { method, path, body, query, headers } = requestOf(asked);
  return call(method, path, body && { ...body, ...more }, { headers, ...(query && { query }), ...(via && { via }) });
}
