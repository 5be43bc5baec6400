import { type DomainError, invalidInput } from "@enceladus/shared/errors";
import { characters, firstCharacters } from "@enceladus/shared/text";
import { DOCUMENT_STATUSES, type DocumentStatus } from "./document.ts";

/** In characters (code points) or entries; the content in UTF-8 bytes. */
export const LIMITS = {
  title: 500,
  description: 5_000,
  fileName: 255,
  relatedItems: 100,
  keywords: 50,
  /** One related item or keyword. */
  entry: 128,
  contentBytes: 1_048_576,
} as const;

/** A value that cannot be taken; the message begins with the name of its field. */
export function faulty(field: string, message: string): DomainError {
  return invalidInput(`${field}: ${message}`, { fields: [{ field, message }] });
}

/** Half a surrogate pair is no character: it can be neither stored nor hashed as it is. */
function wellFormed(field: string, text: string): string {
  if (!text.isWellFormed()) throw faulty(field, "must not contain half of a surrogate pair.");
  return text;
}

function text(field: string, value: unknown): string {
  if (typeof value !== "string") throw faulty(field, "must be a string.");
  return wellFormed(field, value);
}

/** A text that has to be there; without the blanks around it. */
export function requiredText(field: string, value: unknown): string {
  if (value === undefined || value === null) throw faulty(field, "is required.");
  const trimmed = text(field, value).trim();
  if (trimmed === "") throw faulty(field, "must not be blank.");
  return trimmed;
}

/** @param title trimmed */
export function titleWithinLimit(title: string): string {
  if (characters(title) <= LIMITS.title) return title;
  throw faulty("title", `Title exceeds ${LIMITS.title} characters.`);
}

/** A title of 1 to 500 characters. */
export function parseTitle(value: unknown): string {
  return titleWithinLimit(requiredText("title", value));
}

/** A description, cut to 5,000 characters. */
export function parseDescription(value: unknown): string {
  return firstCharacters(text("description", value).trim(), LIMITS.description);
}

/** Trimmed, without blanks and repetitions, in the order in which they were given, as many as are kept. */
function entries(field: string, value: unknown, most: number, form: (entry: string) => string): string[] {
  if (!Array.isArray(value)) throw faulty(field, "must be a list of strings.");
  const texts = value.map((entry: unknown) => {
    if (typeof entry !== "string") throw faulty(field, "must be a list of strings.");
    return form(wellFormed(field, entry).trim());
  });
  for (const entry of texts) {
    // No text has more characters than units, so that most need not be counted.
    if (entry.length > LIMITS.entry && characters(entry) > LIMITS.entry) {
      throw faulty(field, `an entry exceeds ${LIMITS.entry} characters.`);
    }
  }
  return [...new Set(texts)].filter((entry) => entry !== "").slice(0, most);
}

export function parseRelatedItems(value: unknown): string[] {
  return entries("related_items", value, LIMITS.relatedItems, (entry) => entry);
}

/** Lower-case, as they are searched for. */
export function parseKeywords(value: unknown): string[] {
  return entries("keywords", value, LIMITS.keywords, (entry) => entry.toLowerCase());
}

const MARKDOWN_NAME = /\.(?:md|markdown)$/i;
const NOT_IN_A_NAME = /[/\\\p{Cc}]/u;

/** The name of a Markdown file, without a path; undefined for a blank one. */
export function parseFileName(value: unknown): string | undefined {
  const field = "file_name";
  const name = text(field, value).trim();
  if (name === "") return undefined;
  if (characters(name) > LIMITS.fileName) throw faulty(field, `exceeds ${LIMITS.fileName} characters.`);
  if (NOT_IN_A_NAME.test(name) || name.startsWith("~")) {
    throw faulty(field, "must be a plain name: no slash, backslash or control character, and no ~ in front.");
  }
  if (!MARKDOWN_NAME.test(name)) throw faulty(field, "must end in .md or .markdown.");
  return name;
}

export function parseStatus(value: unknown): DocumentStatus {
  const status = text("status", value).trim().toLowerCase();
  const known = DOCUMENT_STATUSES.find((candidate) => candidate === status);
  if (!known) throw faulty("status", `must be ${DOCUMENT_STATUSES.join(" or ")}.`);
  return known;
}

/** The content of a document, exactly as it was sent: blanks count. */
export function requiredContent(value: unknown): string {
  const field = "content";
  if (value === undefined || value === null) throw faulty(field, "is required.");
  const content = text(field, value);
  if (content === "") throw faulty(field, "must not be empty.");
  return content;
}

export function contentWithinLimit(content: string): string {
  const bytes = Buffer.byteLength(content);
  if (bytes <= LIMITS.contentBytes) return content;
  throw faulty("content", `has ${bytes} bytes, and ${LIMITS.contentBytes} are the most.`);
}

/** The version that a caller believes a document to have. */
export function parseExpectedVersion(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw faulty("expected_version", "must be a whole number from 0.");
}
