import * as z from "zod";
import type { ApiClient } from "../api/client.ts";
import type { KnownDocument } from "./plan.ts";

const PAGE = 50;

const Known = z.object({
  document_id: z.string(),
  file_name: z.string().optional(),
  content_hash: z.string().optional(),
  status: z.string().optional(),
  version: z.number().optional(),
});
const List = z.object({ documents: z.array(Known), next_cursor: z.string().nullish() });
const One = z.object({ document: Known });

/** All documents of a project, archived ones too, the last changed first. */
export async function listDocuments(client: ApiClient, project: string): Promise<KnownDocument[]> {
  const documents: KnownDocument[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ project, limit: String(PAGE), ...(cursor && { cursor }) });
    const page = List.parse(await client.call({ method: "GET", path: `/api/v1/documents?${query}` }));
    documents.push(...page.documents);
    cursor = page.next_cursor;
  } while (cursor);
  return documents;
}

/** One document as it is now. */
export async function readDocument(client: ApiClient, id: string): Promise<KnownDocument> {
  const path = `/api/v1/documents/${encodeURIComponent(id)}?include_content=false`;
  return One.parse(await client.call({ method: "GET", path })).document;
}
