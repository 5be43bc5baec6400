import { isVisible } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { doneBefore } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import type { DocumentWriter } from "./attribution.ts";
import { bodyOf } from "./body.ts";
import type { Compliance } from "./compliance/assess.ts";
import { complianceAttributes } from "./compliance-attributes.ts";
import { type PublicDocument, publicDocument, type StoredDocument } from "./document.ts";
import { type DocumentPatch, documentPatch } from "./document-patch.ts";
import { readDocument } from "./document-store.ts";
import { assertExpected, documentNotFound, type Expectations, modifiedConcurrently } from "./document-version.ts";
import type { Input } from "./new-document.ts";
import { assertMayWrite } from "./reserved-keywords.ts";
import { writeWithBody } from "./write-with-body.ts";

/** A document that a caller wants to change, and what the caller believes of it. */
export interface DocumentTarget extends Pick<Expectations, "preconditions"> {
  documentId: string;
  /** Stands for the call where its caller has given it a key: whoever repeats the call changes nothing more. */
  onceKey?: string | undefined;
}

/** A document that was changed. */
export interface UpdatedDocument {
  document: PublicDocument;
  /** What the score of a new content comes from; absent where the content stayed. */
  findings?: Compliance["findings"];
}

function patched(before: StoredDocument, { fields, content }: DocumentPatch): StoredDocument {
  return { ...before, ...fields, ...(content && complianceAttributes(content.compliance, timestamp())) };
}

async function update(target: DocumentTarget, input: Input, writer: DocumentWriter): Promise<UpdatedDocument> {
  const { documentId, preconditions, onceKey } = target;
  const before = await readDocument(documentId);
  if (!before || !isVisible(writer.visible, before.project_id)) throw documentNotFound(documentId);
  const patch = documentPatch(input);
  const after = patched(before, patch);
  assertMayWrite(writer, before, after);
  const expected = { expectedVersion: patch.expectedVersion, preconditions };
  await assertExpected(before, expected);
  const { content } = patch;
  const findings = content && { findings: content.compliance.findings };
  const written = await writeWithBody<UpdatedDocument>({
    before,
    after,
    body: content && bodyOf(content.text),
    operation: "update",
    writer,
    onceKey,
    result: (document) => ({ document: publicDocument(document), ...findings }),
  });
  if (written.kind === "written") return written.result;
  if (!written.current) throw documentNotFound(documentId);
  await assertExpected(written.current, expected);
  throw modifiedConcurrently(before, written.current);
}

/**
 * Changes a document. It is read, judged, and written only over the version that was read; whoever comes second is
 * told what the first one has changed, and nothing of the second one is left.
 * @param input the body of the request as it was sent
 * @throws DomainError NOT_FOUND, INVALID_INPUT, FORBIDDEN (a reserved keyword), VERSION_CONFLICT (`expected_version`),
 *   PRECONDITION_FAILED (`If-Match`), CONFLICT (somebody was faster), UNAVAILABLE, INTERNAL_ERROR
 */
export async function updateDocument(
  target: DocumentTarget,
  input: Input,
  writer: DocumentWriter,
): Promise<UpdatedDocument> {
  const { onceKey } = target;
  try {
    return await update(target, input, writer);
  } catch (error) {
    // What an earlier run of the same call has made may be the very reason of the refusal.
    const refused = error instanceof DomainError && error.code !== "INTERNAL_ERROR";
    const done = refused && onceKey !== undefined ? await doneBefore<UpdatedDocument>(onceKey) : undefined;
    if (done) return done.result;
    throw error;
  }
}
