import type { DeployRequest } from "../request.ts";
import { pendingRequests } from "../request-store.ts";

/** The requests that are looked at together. */
export interface PendingBatch {
  /** The oldest first. */
  requests: DeployRequest[];
  /** Whether more are pending than were read. */
  hasMore: boolean;
}

/** A request has up to 300 KB, a function 256 MB. */
const MOST_REQUESTS = 2_000;
const MOST_BYTES = 24 * 1024 * 1024;

/**
 * The requests of a project that wait, as many as fit into memory.
 * @throws DomainError INTERNAL_ERROR
 */
export async function readBatch(projectId: string): Promise<PendingBatch> {
  const requests: DeployRequest[] = [];
  let bytes = 0;
  for await (const request of pendingRequests(projectId)) {
    bytes += JSON.stringify(request).length;
    if (requests.length > 0 && (requests.length >= MOST_REQUESTS || bytes > MOST_BYTES)) {
      return { requests, hasMore: true };
    }
    requests.push(request);
  }
  return { requests, hasMore: false };
}
