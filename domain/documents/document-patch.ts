import { invalidInput } from "@enceladus/shared/errors";
import { assessCompliance, type Compliance } from "./compliance/assess.ts";
import { assertCompliant, MINIMUM_SCORE } from "./compliance-gate.ts";
import type { StoredDocument } from "./document.ts";
import {
  contentWithinLimit,
  faulty,
  parseDescription,
  parseExpectedVersion,
  parseFileName,
  parseKeywords,
  parseRelatedItems,
  parseStatus,
  parseTitle,
  requiredContent,
} from "./document-values.ts";
import type { Input } from "./new-document.ts";

/** The fields that an edit may name, in the order in which their faults are told. */
const FIELDS = ["title", "description", "related_items", "keywords", "status", "file_name", "content"] as const;

type Changes = Pick<StoredDocument, "title" | "description" | "related_items" | "keywords" | "status" | "file_name">;

/** An edit of a document, in the form in which it is stored. */
export interface DocumentPatch {
  /** What is set; the rest stays. */
  fields: Partial<Changes>;
  content?: { text: string; compliance: Compliance };
  expectedVersion?: number;
}

function parseRequiredFileName(value: unknown): string {
  const name = parseFileName(value);
  if (name === undefined) throw faulty("file_name", "must not be blank.");
  return name;
}

const PARSERS = {
  title: parseTitle,
  description: (value: unknown) => (value === null ? "" : parseDescription(value)),
  related_items: parseRelatedItems,
  keywords: parseKeywords,
  status: parseStatus,
  file_name: parseRequiredFileName,
} satisfies { [Field in keyof Changes]-?: (value: unknown) => Changes[Field] };

/**
 * Checks an edit, field by field. Fields that nobody knows are passed over, but one that is known there must be: an
 * edit of nothing would still count a version.
 * @param minimum the least score that a content needs
 * @throws DomainError INVALID_INPUT
 */
export function documentPatch(input: Input, minimum: number = MINIMUM_SCORE): DocumentPatch {
  const sent = FIELDS.filter((field) => input[field] !== undefined);
  if (sent.length === 0) throw invalidInput(`Nothing to change: one of ${FIELDS.join(", ")} is wanted.`);
  const patch: DocumentPatch = { fields: {} };
  for (const field of sent) {
    if (field !== "content") {
      patch.fields = { ...patch.fields, [field]: PARSERS[field](input[field]) };
      continue;
    }
    const text = contentWithinLimit(requiredContent(input.content));
    const compliance = assessCompliance(text);
    assertCompliant(compliance, minimum);
    patch.content = { text, compliance };
  }
  const { expected_version } = input;
  if (expected_version !== undefined && expected_version !== null) {
    patch.expectedVersion = parseExpectedVersion(expected_version);
  }
  return patch;
}
