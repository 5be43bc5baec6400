import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { doneBefore, markDone } from "@enceladus/shared/once";
import type { Preconditions } from "@enceladus/shared/preconditions";
import { timestamp } from "@enceladus/shared/time";
import { type DeployRequest, requestView } from "./request.ts";
import { cancelPending, readRequest } from "./request-store.ts";
import { failed, rowOf, transact } from "./transaction.ts";

/** A request that was taken back. */
export interface CancelledRequest {
  request_id: string;
  status: "cancelled";
  cancelled_by: string;
  completed_at: string;
}

/** Who takes a request back, and what it believes of it. */
export interface Canceller {
  /** As the credential says. */
  principal: string;
  visible: VisibleProjects;
  ifMatch?: Preconditions["ifMatch"];
  /** The entity tag, without its quotes, of a request as it is shown. */
  tagOf: (shown: object) => string;
  /** Stands for the call where its caller has given it a key: whoever repeats it gets the same answer. */
  onceKey?: string | undefined;
}

/** What is said of a request that does not exist, and of one of a project that the caller may not see. */
export function noRequest(requestId: string): DomainError {
  return notFound(`Request '${requestId}' not found.`);
}

function notPending({ request_id, status, spec_id }: DeployRequest): DomainError {
  return new DomainError("CONFLICT", `Request '${request_id}' is ${status}; only a pending one can be cancelled.`, {
    current_status: status,
    ...(spec_id !== undefined && { spec_id }),
    next_action:
      status === "included"
        ? "Follow its spec; a build that fails sets the request back to pending."
        : "Leave it: it is not deployed any more.",
  });
}

function notAsRead(request: DeployRequest, { tagOf }: Canceller): DomainError {
  return new DomainError("PRECONDITION_FAILED", `Request '${request.request_id}' is not the one that was read.`, {
    current_version: tagOf(requestView(request)),
    current_status: request.status,
    next_action: "Read the request again and cancel it if that still makes sense.",
  });
}

/** The request as the caller believes it to be; undefined where it believes nothing. */
async function expectedRequest(
  projectId: string,
  requestId: string,
  canceller: Canceller,
): Promise<DeployRequest | undefined> {
  const { ifMatch, tagOf } = canceller;
  if (ifMatch === undefined || ifMatch === "*") return undefined;
  const request = await readRequest(projectId, requestId);
  if (!request) throw noRequest(requestId);
  if (!ifMatch.includes(tagOf(requestView(request)))) throw notAsRead(request, canceller);
  return request;
}

/**
 * Takes a pending request back.
 * @throws DomainError NOT_FOUND; PRECONDITION_FAILED (`If-Match`); CONFLICT with `current_status`; UNAVAILABLE,
 *   INTERNAL_ERROR
 */
export async function cancelRequest(
  projectId: string,
  requestId: string,
  canceller: Canceller,
): Promise<CancelledRequest> {
  const { principal, visible, onceKey } = canceller;
  if (!isVisible(visible, projectId)) throw noRequest(requestId);
  // What an earlier run of the call has done is not what its caller has read.
  const earlier = onceKey === undefined ? undefined : await doneBefore<CancelledRequest>(onceKey);
  if (earlier) return earlier.result;
  const expected = await expectedRequest(projectId, requestId, canceller);
  const now = timestamp();
  const cancelled = {
    request_id: requestId,
    status: "cancelled",
    cancelled_by: principal,
    completed_at: now,
  } as const;
  const request = { project_id: projectId, request_id: requestId };
  const mark = onceKey === undefined ? [] : [markDone(onceKey, cancelled)];
  const outcome = await transact([cancelPending(request, { by: principal, now }, expected), ...mark]);
  if (outcome.committed) return cancelled;
  const [own, marked] = outcome.reasons;
  // An earlier run of this call, given up for dead, was only slow.
  const done = onceKey !== undefined && failed(marked) ? await doneBefore<CancelledRequest>(onceKey) : undefined;
  if (done) return done.result;
  const current = rowOf<DeployRequest>(own);
  if (!current) throw noRequest(requestId);
  throw expected ? notAsRead(current, canceller) : notPending(current);
}
