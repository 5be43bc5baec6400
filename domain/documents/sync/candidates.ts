import { SYNC_WRITER } from "../attribution.ts";
import type { StoredDocument } from "../document.ts";
import { governanceKeyword, projectReferenceKeyword } from "../reserved-keywords.ts";

const has = ({ keywords = [] }: StoredDocument, keyword: string) => keywords.includes(keyword);

/** Of some that fit equally well, an active one, and of those the newest. */
function best(documents: readonly StoredDocument[]): StoredDocument | undefined {
  const rank = ({ status, updated_at = "" }: StoredDocument) => `${status === "archived" ? 0 : 1} ${updated_at}`;
  // Of the same second it is always the same one.
  return [...documents].sort((one, other) => {
    if (rank(one) !== rank(other)) return rank(one) < rank(other) ? 1 : -1;
    return one.document_id < other.document_id ? -1 : 1;
  })[0];
}

/** The name that a project's reference document has where nobody has given it another one. */
export function referenceFileName(projectId: string): string {
  return `${projectId}-reference.md`;
}

/** Whether a document may be the reference document of its project. */
export function isReference(document: StoredDocument): boolean {
  return has(document, projectReferenceKeyword());
}

/**
 * The document that shows a project's reference: the one of its file name, else one that is titled so, else any that
 * carries the keyword.
 * @param documents of the project
 */
export function chooseReference(documents: readonly StoredDocument[], projectId: string): StoredDocument | undefined {
  const marked = documents.filter(isReference);
  const named = marked.filter(({ file_name }) => file_name === referenceFileName(projectId));
  const titled = marked.filter(({ title }) => title.toLowerCase().includes("project reference"));
  return best(named) ?? best(titled) ?? best(marked);
}

export const GOVERNANCE_TITLE = "Governance:";

/** Whether a document of the governance project shows a governance file. */
export function isGovernance(document: StoredDocument): boolean {
  return has(document, governanceKeyword()) || document.title.startsWith(GOVERNANCE_TITLE);
}

/**
 * The document that shows a governance file.
 * @param documents of the governance project
 * @param name the key of the file without the prefix
 */
export function chooseGovernance(documents: readonly StoredDocument[], name: string): StoredDocument | undefined {
  return best(documents.filter((document) => document.file_name === name && isGovernance(document)));
}

/** Whether a document is there for its file alone: what people have made stays when the file goes. */
export function isMadeBySync({ created_by }: StoredDocument): boolean {
  return created_by === SYNC_WRITER.label;
}
