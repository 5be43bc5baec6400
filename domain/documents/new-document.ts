import { assessCompliance, type Compliance } from "./compliance/assess.ts";
import { assertCompliant, MINIMUM_SCORE } from "./compliance-gate.ts";
import {
  contentWithinLimit,
  parseDescription,
  parseFileName,
  parseKeywords,
  parseRelatedItems,
  requiredContent,
  requiredText,
  titleWithinLimit,
} from "./document-values.ts";

/** The body of a request as it was sent: nothing of it is known to be what it should be. */
export type Input = Readonly<Record<string, unknown>>;

/** A document that is to be made, in the form in which it is stored. */
export interface NewDocument {
  fields: {
    project_id: string;
    title: string;
    description: string;
    related_items: string[];
    keywords: string[];
    /** Undefined: named by the id. */
    file_name: string | undefined;
  };
  content: string;
  compliance: Compliance;
}

/** An optional field; null is as good as absent. */
function optional<Value>(sent: unknown, parse: (value: unknown) => Value, absent: Value): Value {
  return sent === undefined || sent === null ? absent : parse(sent);
}

/**
 * Checks what is sent for a new document, in the order in which its faults are told: what has to be there, its size, its
 * score, and then what may be left out. Fields that nobody knows are passed over.
 * @param minimum the least score that is taken
 * @throws DomainError INVALID_INPUT
 */
export function newDocument(input: Input, minimum: number = MINIMUM_SCORE): NewDocument {
  const project_id = requiredText("project_id", input.project_id);
  const title = requiredText("title", input.title);
  const content = requiredContent(input.content);
  titleWithinLimit(title);
  contentWithinLimit(content);
  const compliance = assessCompliance(content);
  assertCompliant(compliance, minimum);
  const description = optional(input.description, parseDescription, "");
  const related_items = optional(input.related_items, parseRelatedItems, []);
  const keywords = optional(input.keywords, parseKeywords, []);
  const file_name = optional(input.file_name, parseFileName, undefined);
  return { fields: { project_id, title, description, related_items, keywords, file_name }, content, compliance };
}
