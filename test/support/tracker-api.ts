import type { HttpHandler } from "@enceladus/middleware/http-function";
import { handler } from "../../functions/tracker-mutation/handler.ts";
import { operations } from "../../functions/tracker-mutation/operations.ts";
import { type Answer, callFunction } from "./call-function.ts";
import { declaredAnswers } from "./declared-answer.ts";
import { actAs, signIn } from "./services.ts";

actAs("trackerMutation");

/** The internal key in the environment, as on a machine without a secret store. */
const KEY = "the internal key of the tracker's tests";
process.env.COORDINATION_INTERNAL_API_KEY = KEY;

/** An answer of the tracker; what an error says stands at its top level too. */
export interface TrackerBody {
  success: boolean;
  error: string;
  error_envelope: { code: string; message: string; retryable: boolean; details: Record<string, unknown> };
  record_id: string;
  record: Record<string, unknown> & { history: { status: string; description: string; timestamp: string }[] };
  records: (Record<string, unknown> & { item_id: string })[];
  next_cursor: string | null;
  count: number;
  [field: string]: unknown;
}

export type TrackerAnswer = Answer<TrackerBody>;

export interface CallOptions {
  /** A trusted service with the internal key, a person with a cookie, or a stranger. */
  as?: "service" | "person" | "stranger";
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  /** The container that answers; default the one of this file. */
  via?: HttpHandler;
}

function credentials(as: CallOptions["as"] = "service"): Record<string, string> {
  if (as === "person") return { cookie: signIn() };
  return as === "service" ? { "X-Coordination-Internal-Key": KEY } : {};
}

const checkDeclared = declaredAnswers(operations);

/** Calls the tracker; the path begins behind `/api/v1/tracker`. What it answers must be what it declares. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  { as, query, headers, via = handler }: CallOptions = {},
): Promise<TrackerAnswer> {
  const answer = await callFunction<TrackerBody>(via, {
    method,
    path: `/api/v1/tracker${path}`,
    headers: { ...credentials(as), ...headers },
    ...(query && { query }),
    ...(body !== undefined && { body }),
  });
  checkDeclared(method, `/tracker${path}`, answer);
  return answer;
}

const TYPES: Readonly<Record<string, string>> = { TSK: "task", ISS: "issue", FTR: "feature" };

/** The path of a record behind `/api/v1/tracker`. */
export function pathOf(projectId: string, itemId: string): string {
  return `/${projectId}/${TYPES[itemId.split("-")[1] ?? ""] ?? "task"}/${itemId}`;
}

/** The least that a record of a type is created with. */
export const LEAST = {
  task: { title: "Do it", acceptance_criteria: ["it is done"] },
  issue: { title: "It crashes", evidence: [{ description: "It crashes", steps_to_duplicate: ["open it"] }] },
  feature: { title: "Be able to", user_story: "As a user", acceptance_criteria: ["it works", "it is fast"] },
} as const;

function fulfilled(answer: TrackerAnswer): TrackerAnswer {
  if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}

/** Creates a record with the least that it needs. @returns its id */
export async function create(projectId: string, type: keyof typeof LEAST, more: object = {}): Promise<string> {
  const answer = await call("POST", `/${projectId}/${type}`, { ...LEAST[type], ...more });
  return fulfilled(answer).body.record_id;
}

/** Reads a record as clients see it. */
export async function read(projectId: string, itemId: string): Promise<TrackerBody["record"]> {
  return fulfilled(await call("GET", pathOf(projectId, itemId))).body.record;
}

/** Sets a field. */
export function patch(projectId: string, itemId: string, body: unknown, options?: CallOptions): Promise<TrackerAnswer> {
  return call("PATCH", pathOf(projectId, itemId), body, options);
}

/** Sets a field, which must succeed. */
export async function set(projectId: string, itemId: string, field: string, value: unknown, more: object = {}) {
  return fulfilled(await patch(projectId, itemId, { field, value, ...more }));
}

const EVIDENCE = {
  transition_evidence: {
    commit_sha: "0123456789abcdef0123456789abcdef01234567",
    merge_evidence: "PR 12",
    deployment_ref: "v1.2.0",
  },
};
const WAY = ["open", "in-progress", "coding-complete", "committed", "pushed", "merged-main", "deployed", "closed"];

/** Walks a task along its lifecycle, with all evidence, to a status. */
export async function walk(projectId: string, itemId: string, to: string): Promise<void> {
  const { status } = await read(projectId, itemId);
  for (const next of WAY.slice(WAY.indexOf(String(status)) + 1, WAY.indexOf(to) + 1)) {
    await set(projectId, itemId, "status", next, EVIDENCE);
  }
}
