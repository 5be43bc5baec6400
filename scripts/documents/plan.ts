import { sha256 } from "@enceladus/shared/hash";
import { firstCharacters } from "@enceladus/shared/text";
import { readMarkdown } from "../../domain/documents/compliance/markdown.ts";

/** A document as lists show it, as much of it as matters here. */
export interface KnownDocument {
  document_id: string;
  file_name?: string | undefined;
  content_hash?: string | undefined;
  status?: string | undefined;
  version?: number | undefined;
}

/** A file that is fit to become a document. */
export interface Draft {
  name: string;
  content: string;
}

/** What has to be done so that a project has a file as it is. */
export type Step =
  | { do: "create"; body: NewDocument; idempotencyKey: string }
  | { do: "update"; document_id: string; body: { content: string }; version: number; idempotencyKey: string }
  | { do: "nothing" };

interface NewDocument {
  project_id: string;
  title: string;
  file_name: string;
  content: string;
}

const TITLE_CHARACTERS = 500;

function firstHeading(content: string): string | undefined {
  const { headings, lines } = readMarkdown(content);
  const line = lines[headings[0]?.at ?? -1];
  return line
    ?.replace(/^#+/, "")
    .trim()
    .replace(/(?:^|\s)#+$/, "")
    .trim();
}

/** The first heading of a text; without one, the name of its file. */
export function titleOf({ name, content }: Draft): string {
  return firstCharacters(firstHeading(content) || name, TITLE_CHARACTERS).trim();
}

/** Equal for equal work, so that whoever is interrupted and begins again makes no second document. */
function keyOf(...work: readonly (string | number)[]): string {
  return `documents-put-${sha256(JSON.stringify(work))}`;
}

/**
 * Decides what a file needs.
 * @param known the document of its name, if the project has one
 */
export function nextStep(project: string, draft: Draft, known: KnownDocument | undefined): Step {
  const { name, content } = draft;
  const hash = sha256(content);
  if (!known) {
    const body = { project_id: project, title: titleOf(draft), file_name: name, content };
    return { do: "create", body, idempotencyKey: keyOf(project, name, hash) };
  }
  if (known.content_hash === hash) return { do: "nothing" };
  const { document_id, version = 0 } = known;
  return { do: "update", document_id, body: { content }, version, idempotencyKey: keyOf(document_id, version, hash) };
}

/**
 * Documents by the names of their files. Where several have one name, the first active one counts, else the first.
 * @param documents in the order of the list, newest first
 */
export function byFileName(documents: readonly KnownDocument[]): Map<string, KnownDocument> {
  const found = new Map<string, KnownDocument>();
  const [active, others] = [
    documents.filter(({ status }) => status !== "archived"),
    documents.filter(({ status }) => status === "archived"),
  ];
  for (const document of [...active, ...others]) {
    const { file_name } = document;
    if (file_name !== undefined && !found.has(file_name)) found.set(file_name, document);
  }
  return found;
}
