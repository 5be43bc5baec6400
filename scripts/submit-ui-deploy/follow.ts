import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { type ApiClient, ApiError } from "../api/client.ts";
import { UserError } from "../api/user-error.ts";

const Request = z.object({
  status: z.string(),
  spec_id: z.string().optional(),
  last_spec_id: z.string().optional(),
  blocked_reason: z.string().optional(),
  rejection_reason: z.string().optional(),
});
const Spec = z.object({
  status: z.string(),
  resolved_version: z.string().optional(),
  error_message: z.string().optional(),
});

/** What has come of a request, and whether that is what was wanted. */
export interface Ending {
  ok: boolean;
  words: string;
}

/** Nothing more will come of a request in these. */
const GIVEN_UP = ["rejected", "failed", "cancelled"];

export interface FollowOptions {
  project: string;
  timeoutSeconds: number;
  pollSeconds: number;
  /** Takes what has changed since the last look. */
  say: (text: string) => void;
}

type Look = { over: Ending } | { stands: string };

function judgeSpec(id: string, { status, resolved_version, error_message }: z.output<typeof Spec>): Look {
  switch (status) {
    case "deployed":
      return { over: { ok: true, words: `${id} is deployed: version ${resolved_version ?? "unknown"}.` } };
    case "queued_non_ui":
      return { over: { ok: true, words: `${id} is queued_non_ui: it is recorded, and left to somebody else.` } };
    case "building":
      return { stands: `${id} is building version ${resolved_version ?? "unknown"}` };
    default:
      return { over: { ok: false, words: `${id} is ${status}: ${error_message ?? "no reason is given"}` } };
  }
}

async function look(client: Pick<ApiClient, "call">, project: string, requestId: string): Promise<Look> {
  const read = (kind: "request" | "status", id: string) =>
    client.call({ method: "GET", path: `/api/v1/deploy/${kind}/${id}?project=${project}` });
  const request = Request.parse(await read("request", requestId));
  const { status, spec_id, last_spec_id, blocked_reason, rejection_reason } = request;
  if (GIVEN_UP.includes(status)) {
    return {
      over: { ok: false, words: `${requestId} is ${status}${rejection_reason ? `: ${rejection_reason}` : "."}` },
    };
  }
  // After a build that failed a request waits again, outside of the spec that it was in.
  const spec = spec_id ?? last_spec_id;
  if (spec !== undefined) return judgeSpec(spec, Spec.parse(await read("status", spec)));
  return { stands: `${requestId} is ${status}${blocked_reason ? `, passed over: ${blocked_reason}` : ""}` };
}

/** Whether it may be gone at the next look. */
function mayPass(error: unknown): error is UserError {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof UserError;
}

/**
 * Waits until something has come of a request.
 * @throws UserError where the time is up, or the API refuses to tell
 */
export async function follow(
  client: Pick<ApiClient, "call">,
  requestId: string,
  { project, timeoutSeconds, pollSeconds, say }: FollowOptions,
): Promise<Ending> {
  const deadline = Date.now() + timeoutSeconds * 1_000;
  let known = "";
  for (;;) {
    const seen = await look(client, project, requestId).catch((error: unknown): Look => {
      if (mayPass(error)) return { stands: error.message };
      throw error;
    });
    if ("over" in seen) return seen.over;
    if (seen.stands !== known) say(seen.stands);
    known = seen.stands;
    if (Date.now() + pollSeconds * 1_000 > deadline) {
      throw new UserError(`Nothing has come of it within ${timeoutSeconds} s. Last: ${known}`);
    }
    await wait(pollSeconds * 1_000);
  }
}
