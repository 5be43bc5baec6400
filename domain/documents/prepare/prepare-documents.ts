import { DomainError, invalidInput, notFound } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { timestamp } from "@enceladus/shared/time";
import { getProject, type Project } from "../../projects/index.ts";
import { locate } from "./locate.ts";
import type { Looked, Unavailable } from "./outcome.ts";
import type { MissingDocument, Preparation, PreparedDocument } from "./preparation.ts";
import { type DocumentObject, readDocuments } from "./read-documents.ts";
import { requiredMissing, tooLargeTogether, tooManyDocuments } from "./refusals.ts";
import { type WantedDocument, wantedDocuments } from "./wanted-document.ts";

/** Bytes that documents may have together where their content is answered: Lambda takes answers of 6 MB. */
export const MAX_CONTENT_BYTES = 4_718_592;

async function projectOf(name: string): Promise<Project> {
  const projectId = name.trim().toLowerCase();
  if (projectId === "") throw invalidInput("projectName must not be empty.");
  const lookup = await getProject(projectId);
  switch (lookup.kind) {
    case "found":
      return lookup.project;
    case "missing":
      throw notFound(`Project '${projectId}' not found.`);
    case "unknown":
      throw new DomainError("INTERNAL_ERROR", "Project lookup failed.", {}, { retryable: true, cause: lookup.cause });
  }
}

function preparedOf({ wanted, outcome }: Looked<DocumentObject>): PreparedDocument[] {
  if (outcome.kind !== "found") return [];
  const { bucket, key, size, hash, content } = outcome.value;
  return [
    {
      filename: wanted.filename,
      source: `s3://${bucket}/${key}`,
      category: wanted.category,
      size_bytes: size,
      content_hash: hash,
      ...(content !== undefined && { content }),
    },
  ];
}

/** A document that is not there, and why. */
type Missing = Unavailable & { wanted: WantedDocument };

function missingOf({ wanted, outcome }: Looked<DocumentObject>): Missing[] {
  return outcome.kind === "unavailable" ? [{ ...outcome, wanted }] : [];
}

const named = ({ wanted, reason }: Missing): MissingDocument => ({ filename: wanted.filename, reason });

function refuseIfRequired(missing: readonly Missing[]): void {
  const failed = missing.filter(({ wanted }) => wanted.required);
  if (failed.length === 0) return;
  const retryable = failed.some(({ isTransient }) => isTransient);
  throw requiredMissing(failed.map(named), {
    retryable,
    cause: failed.find(({ cause }) => cause !== undefined)?.cause,
  });
}

function refuseIfTooMuch(documents: readonly PreparedDocument[], maxDocuments: number, dryRun: boolean): void {
  if (documents.length > maxDocuments) throw tooManyDocuments(documents, maxDocuments);
  const totalBytes = documents.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  if (dryRun || totalBytes <= MAX_CONTENT_BYTES) return;
  throw tooLargeTogether(documents, maxDocuments, { totalBytes, maxBytes: MAX_CONTENT_BYTES });
}

/** What may be done about it is an operator's matter, so it is told to the log with its cause. */
function report(projectId: string, missing: readonly Missing[]): void {
  for (const each of missing) {
    const error = each.cause instanceof Error ? { error: each.cause } : {};
    log().warn("document_not_prepared", { project_id: projectId, ...named(each), ...error });
  }
}

/**
 * The primary documents of a project: its reference document, and what `doc_prep_config` of its row adds. It only reads.
 * @param projectName trimmed and lower-cased here
 * @param options `dryRun`: hashes and sizes without the content, and without reading what has a known hash
 * @throws DomainError INVALID_INPUT (no name; more documents than the project allows, or more bytes than an answer
 *   takes), NOT_FOUND (the project), INTERNAL_ERROR (the project cannot be looked up; `failed`: required documents)
 */
export async function prepareDocuments(
  projectName: string,
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<Preparation> {
  const { project_id, doc_prep_config } = await projectOf(projectName);
  const { documents: wanted, maxDocuments } = wantedDocuments(project_id, doc_prep_config);
  const located = await locate(project_id, wanted);
  const looked = await readDocuments(located, { dryRun, maxTextBytes: MAX_CONTENT_BYTES });
  const documents = looked.flatMap(preparedOf);
  const missing = looked.flatMap(missingOf);
  report(project_id, missing);
  refuseIfRequired(missing);
  refuseIfTooMuch(documents, maxDocuments, dryRun);
  return {
    project_id,
    documents,
    total_docs: documents.length,
    max_docs: maxDocuments,
    prepared_at: timestamp(),
    warnings: missing.map(named),
  };
}
