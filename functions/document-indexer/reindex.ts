import type { Context } from "aws-lambda";
import { reindexProject } from "../../domain/documents/index.ts";

/** What `npm run documents:reindex` asks for. */
export interface ReindexRequest {
  reindex: { project_id: string; cursor?: string | undefined };
}

/** A page of fifty documents of the usual length takes some seconds. */
const TIME_FOR_A_PAGE_MS = 60_000;

/** Whether a function was asked to index a project, and not told of changes. */
export function isReindexRequest(event: object): event is ReindexRequest {
  return "reindex" in event;
}

/** Indexes a project's documents for as long as the invocation lasts; the answer says where the next one goes on. */
export async function reindex({ reindex: { project_id, cursor } }: ReindexRequest, context: Context) {
  const hasTime = () => context.getRemainingTimeInMillis() > TIME_FOR_A_PAGE_MS;
  const { documents, indexed, nextCursor } = await reindexProject(project_id, cursor, hasTime);
  return { documents, indexed, next_cursor: nextCursor };
}
