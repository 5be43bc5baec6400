import { createHash } from "node:crypto";
import { firstCharacters } from "@enceladus/shared/text";
import type { Body } from "../body.ts";
import { textOf } from "../body-store.ts";
import { assessCompliance } from "../compliance/assess.ts";
import { complianceAttributes } from "../compliance-attributes.ts";
import type { StoredDocument } from "../document.ts";
import { LIMITS } from "../document-values.ts";

/** What a document that shows a file has, where it does not say otherwise already. */
export interface Defaults {
  project_id: string;
  title: string;
  description: string;
  file_name: string;
  /** It always has these, beside its own. */
  keywords: readonly string[];
}

/**
 * The id of the document that is made for a file: the same whoever comes first. SHA-1 makes a name of the file's name
 * here, as it always has; nothing is safe because of it.
 */
export function mirrorId(projectId: string, fileName: string): string {
  const digest = createHash("sha1").update(`${projectId}:${fileName}`).digest("hex");
  return `DOC-${digest.slice(0, 12).toUpperCase()}`;
}

/** Both lists in one: lower-case, each once, in order. */
export function mergedKeywords(own: readonly string[], added: readonly string[]): string[] {
  return [...new Set([...own, ...added].map((keyword) => keyword.toLowerCase()))].sort();
}

const MARKDOWN = /\.(?:md|markdown)$/i;

/**
 * A score where the file is Markdown of a size that the API takes too, since judging takes its time; else none, also none
 * of an earlier content.
 */
function scoreOf(fileName: string, { bytes }: Body, at: string): Partial<StoredDocument> {
  if (MARKDOWN.test(fileName) && bytes.byteLength <= LIMITS.contentBytes) {
    return complianceAttributes(assessCompliance(textOf(bytes)), at);
  }
  return { compliance_score: undefined, compliance_warnings: undefined, compliance_checked_at: undefined };
}

/**
 * A document as it is when it shows a file as the file is now: active, with what it says of itself or else the defaults.
 * @param before as read; undefined for one that is to be made
 * @param at the time of the scoring
 */
export function mirrored(
  before: StoredDocument | undefined,
  { etag, body }: { etag: string; body: Body },
  defaults: Defaults,
  at: string,
): StoredDocument {
  const { project_id, keywords } = defaults;
  const file_name = before?.file_name || defaults.file_name;
  return {
    related_items: [],
    ...before,
    document_id: before?.document_id ?? mirrorId(project_id, defaults.file_name),
    project_id,
    title: before?.title || firstCharacters(defaults.title, LIMITS.title),
    description: before?.description || defaults.description,
    file_name,
    keywords: mergedKeywords(before?.keywords ?? [], keywords),
    status: "active",
    ...scoreOf(file_name, body, at),
    source: { etag, hash: body.hash },
  };
}
