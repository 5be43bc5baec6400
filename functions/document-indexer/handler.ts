import { streamWorker } from "@enceladus/middleware/stream-worker";
import type { Context, DynamoDBStreamEvent } from "aws-lambda";
import { followDocument, type StoredDocument } from "../../domain/documents/index.ts";
import { isReindexRequest, type ReindexRequest, reindex } from "./reindex.ts";

const follow = streamWorker<StoredDocument>("documents", ({ before, after }) => followDocument(before, after));

/** Follows the stream of documents; invoked by hand with `{ "reindex": { "project_id": "..." } }` it makes up leeway. */
export function handler(event: DynamoDBStreamEvent | ReindexRequest, context: Context): Promise<unknown> {
  return isReindexRequest(event) ? reindex(event, context) : follow(event, context);
}
