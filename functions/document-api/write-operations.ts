import { versionTag } from "@enceladus/middleware/entity-tag";
import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { createDocument, documentWriter, updateDocument } from "../../domain/documents/index.ts";
import { createdAnswer, documentParams, editBody, editedAnswer, newDocumentBody } from "./schemas.ts";

const WRITE = {
  tag: "documents",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "documents:write",
  // A document is found by its id alone, and a new one names its project in the body.
  project: "in-handler",
  bodyLimit: 2 * 1_048_576,
} as const;

const CREATE = {
  ...WRITE,
  path: "/api/v1/documents",
  body: newDocumentBody,
  responses: { 201: { description: "The document, and what is to be said of its form", schema: createdAnswer } },
} as const;

const create: Parameters<typeof operation<undefined, undefined, typeof newDocumentBody>>[0]["handler"] = async (
  call,
) => {
  const { document, findings } = await createDocument(call.body, documentWriter(call.caller), call.onceKey);
  const answer = {
    success: true,
    document_id: document.document_id,
    s3_location: `s3://${document.s3_bucket}/${document.s3_key}`,
    content_hash: document.content_hash,
    size_bytes: document.size_bytes,
    created_at: document.created_at,
    compliance_score: document.compliance_score,
    compliance_warnings: document.compliance_warnings,
    compliance_findings: findings,
  };
  return reply(201, answer, { ETag: versionTag(document.version) });
};

export const createDocumentOperation = operation({
  ...CREATE,
  id: "createDocument",
  method: "PUT",
  summary: "Stores a Markdown document",
  description:
    "Always a new one: with an `Idempotency-Key` a repeated call makes no second. Its form is scored (docs/compliance.md).",
  handler: create,
});

export const postDocumentOperation = operation({
  ...CREATE,
  id: "postDocument",
  method: "POST",
  summary: "Stores a Markdown document, as PUT does",
  handler: create,
});

export const updateDocumentOperation = operation({
  ...WRITE,
  id: "updateDocument",
  method: "PATCH",
  path: "/api/v1/documents/{documentId}",
  summary: "Edits a document, or archives it",
  description:
    "Each field that is sent is set; lists are replaced as a whole. Of two edits at once one is refused and leaves " +
    "nothing behind. A document is not deleted: `status` is set to archived.",
  params: documentParams,
  body: editBody,
  versioned: true,
  responses: { 200: { description: "Written; the compliance is told where content was sent", schema: editedAnswer } },
  handler: async ({ params, body, caller, preconditions, onceKey }) => {
    const target = { documentId: params.documentId, preconditions, onceKey };
    const { document, findings } = await updateDocument(target, body, documentWriter(caller));
    const answer = {
      success: true,
      document_id: document.document_id,
      updated_at: document.updated_at,
      version: document.version,
      ...(findings && {
        compliance_score: document.compliance_score,
        compliance_warnings: document.compliance_warnings,
        compliance_findings: findings,
      }),
    };
    return reply(200, answer, { ETag: versionTag(document.version) });
  },
});
