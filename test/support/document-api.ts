import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { handler } from "../../functions/document-api/handler.ts";
import { type Answer, callFunction } from "./call-function.ts";
import { directDynamodb, realName, signIn } from "./services.ts";

/** A document as answers show it. */
export interface AnsweredDocument {
  document_id: string;
  project_id: string;
  title: string;
  updated_at: string;
  version: number;
  [attribute: string]: unknown;
}

/** Everything that an answer about documents may hold. */
export interface DocumentBody {
  success: boolean;
  document: AnsweredDocument & { content?: string; content_error?: string };
  documents: AnsweredDocument[];
  document_id: string;
  content?: string;
  content_error?: string;
  content_hash: string;
  s3_location: string;
  version: number;
  updated_at: string;
  compliance_score?: number;
  compliance_warnings?: string[];
  compliance_findings?: { rule: string; line?: number; points: number; message: string }[];
  entries: { seq: number; changes: { field: string }[]; actor: string }[];
  count: number;
  total_matches: number;
  total_matches_is_lower_bound?: true;
  truncated?: true;
  warnings?: string[];
  next_cursor?: string;
  error: string;
  error_envelope: { code: string; retryable: boolean; details: Record<string, unknown> };
}

export type DocumentAnswer = Answer<DocumentBody>;

interface Options {
  query?: Readonly<Record<string, string>>;
  /** Beside or in place of the cookie of a signed-in person. */
  headers?: Readonly<Record<string, string>>;
}

/** Calls the document API; the path begins behind `/api/v1/documents`. */
export function documents(method: string, path = "", body?: unknown, { query, headers }: Options = {}) {
  return callFunction<DocumentBody>(handler, {
    method,
    path: `/api/v1/documents${path}`,
    headers: headers ?? { cookie: signIn() },
    ...(query && { query }),
    ...(body !== undefined && { body }),
  });
}

/** What has to be right is right. */
export const LEAST_DOCUMENT = { title: "A title", content: "# A\n" };

/** Makes a document. @returns its id */
export async function putDocument(projectId: string, fields: object = {}): Promise<string> {
  const answer = await documents("PUT", "", { project_id: projectId, ...LEAST_DOCUMENT, ...fields });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.document_id;
}

const BATCH = 25;

/** Writes rows of documents past the API, as older writers or many days may have left them. */
export async function putDocumentRows(rows: readonly Record<string, unknown>[]): Promise<void> {
  const TableName = realName("tables", "documents");
  for (let at = 0; at < rows.length; at += BATCH) {
    const requests = rows.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }));
    await directDynamodb.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
  }
}
