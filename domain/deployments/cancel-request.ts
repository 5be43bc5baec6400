import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { DomainError, notFound } from "@enceladus/shared/errors";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import type { DeployRequest } from "./request.ts";
import { cancelPending } from "./request-store.ts";
import { failed, rowOf, transact } from "./transaction.ts";

/** A request that was taken back. */
export interface CancelledRequest {
  request_id: string;
  status: "cancelled";
  cancelled_by: string;
  completed_at: string;
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

/**
 * Takes a pending request back.
 * @param by who does, as the credential says
 * @param onceKey stands for the call where its caller has given it a key: whoever repeats it gets the same answer
 * @throws DomainError NOT_FOUND; CONFLICT with `current_status`; UNAVAILABLE, INTERNAL_ERROR
 */
export async function cancelRequest(
  projectId: string,
  requestId: string,
  by: { principal: string; visible: VisibleProjects },
  onceKey?: string,
): Promise<CancelledRequest> {
  if (!isVisible(by.visible, projectId)) throw noRequest(requestId);
  const now = timestamp();
  const cancelled = {
    request_id: requestId,
    status: "cancelled",
    cancelled_by: by.principal,
    completed_at: now,
  } as const;
  const mark = onceKey === undefined ? [] : [markDone(onceKey, cancelled)];
  const outcome = await transact([cancelPending(projectId, requestId, by.principal, now), ...mark]);
  if (outcome.committed) return cancelled;
  const [own, marked] = outcome.reasons;
  const done = onceKey !== undefined && failed(marked) ? await doneBefore<CancelledRequest>(onceKey) : undefined;
  if (done) return done.result;
  const current = rowOf<DeployRequest>(own);
  throw current ? notPending(current) : noRequest(requestId);
}
