import { DomainError } from "@enceladus/shared/errors";
import type { DocumentWriter } from "./attribution.ts";
import type { StoredDocument } from "./document.ts";

function keyword(setting: string | undefined, otherwise: string): string {
  return setting?.trim().toLowerCase() || otherwise;
}

/** The project whose documents govern all others. */
export function governanceProject(): string {
  return process.env.GOVERNANCE_PROJECT_ID?.trim() || "devops";
}

/** The keyword of documents that govern. */
export function governanceKeyword(): string {
  return keyword(process.env.GOVERNANCE_KEYWORD, "governance-file");
}

/** The keyword of a project's reference document. */
export function projectReferenceKeyword(): string {
  return keyword(process.env.PROJECT_REFERENCE_KEYWORD, "project-reference");
}

/** What of a document decides whether it is reserved. */
type Marked = Pick<StoredDocument, "project_id" | "keywords">;

/**
 * Keeps documents of the governance project that carry a reserved keyword to trusted services: what agents are told to
 * obey is computed from them.
 * @param images the document as it is, where it is there, and as it would be
 * @throws DomainError FORBIDDEN
 */
export function assertMayWrite(writer: DocumentWriter, ...images: readonly Marked[]): void {
  if (writer.isTrusted) return;
  const reserved = [governanceKeyword(), projectReferenceKeyword()];
  for (const { project_id, keywords = [] } of images) {
    const found =
      project_id === governanceProject() ? keywords.find((word) => reserved.includes(word.toLowerCase())) : undefined;
    if (found === undefined) continue;
    throw new DomainError("FORBIDDEN", `keywords: '${found}' is reserved to trusted services in this project.`, {
      reserved_keyword: found,
    });
  }
}
