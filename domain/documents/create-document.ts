import { DomainError } from "@enceladus/shared/errors";
import { doneBefore } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import type { DocumentWriter } from "./attribution.ts";
import { type Body, bodyOf } from "./body.ts";
import type { Compliance } from "./compliance/assess.ts";
import { complianceAttributes } from "./compliance-attributes.ts";
import { newDocumentId, type PublicDocument, publicDocument, type StoredDocument } from "./document.ts";
import { type Input, type NewDocument, newDocument } from "./new-document.ts";
import { assertProject } from "./project-of-document.ts";
import { assertMayWrite } from "./reserved-keywords.ts";
import { writeWithBody } from "./write-with-body.ts";

const ID_ATTEMPTS = 3;

/** A document that was made. */
export interface CreatedDocument {
  document: PublicDocument;
  /** What its score comes from. */
  findings: Compliance["findings"];
}

function rowOf(draft: NewDocument, documentId: string): StoredDocument {
  const { file_name, ...fields } = draft.fields;
  return {
    document_id: documentId,
    ...fields,
    file_name: file_name ?? `${documentId}.md`,
    status: "active",
    ...complianceAttributes(draft.compliance, timestamp()),
  };
}

/** @param drawId gives a new id at each call */
async function write(
  draft: NewDocument,
  body: Body,
  writer: DocumentWriter,
  onceKey: string | undefined,
  drawId: () => string,
): Promise<CreatedDocument> {
  const { findings } = draft.compliance;
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt += 1) {
    const written = await writeWithBody<CreatedDocument>({
      before: undefined,
      after: rowOf(draft, drawId()),
      body,
      operation: "create",
      writer,
      onceKey,
      result: (document) => ({ document: publicDocument(document), findings }),
    });
    if (written.kind === "written") return written.result;
  }
  throw new DomainError("INTERNAL_ERROR", `No free id was found in ${ID_ATTEMPTS} attempts.`, {}, { retryable: true });
}

/**
 * Makes a document of a registered project.
 * @param input the body of the request as it was sent
 * @param onceKey stands for the call where its caller has given it a key: whoever repeats it gets the same document
 * @throws DomainError INVALID_INPUT, NOT_FOUND (the project), FORBIDDEN (a reserved keyword), UNAVAILABLE,
 *   INTERNAL_ERROR (with a key the call can be repeated, else it may have made the document all the same)
 */
export async function createDocument(
  input: Input,
  writer: DocumentWriter,
  onceKey?: string,
  drawId: () => string = newDocumentId,
): Promise<CreatedDocument> {
  const draft = newDocument(input);
  try {
    await assertProject(draft.fields.project_id, writer);
    assertMayWrite(writer, draft.fields);
  } catch (error) {
    // An earlier run of the same call may have found a project that is gone by now.
    const refused = error instanceof DomainError && error.code === "NOT_FOUND";
    const done = refused && onceKey !== undefined ? await doneBefore<CreatedDocument>(onceKey) : undefined;
    if (done) return done.result;
    throw error;
  }
  return write(draft, bodyOf(draft.content), writer, onceKey, drawId);
}
