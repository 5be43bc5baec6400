import { listFields } from "@enceladus/middleware/list-fields";
import { pageLimit } from "@enceladus/middleware/page-limit";
import * as z from "zod";
import { LIMITS, MOST_LISTED } from "../../domain/documents/index.ts";

export const documentParams = z.object({
  documentId: z.string().meta({ description: "As it was given: DOC-0A1B2C3D4E5F; case matters" }),
});

/** Which page of a list, and how much of each document. */
export const documentPage = {
  limit: pageLimit(MOST_LISTED),
  cursor: z.string().min(1).max(4_096).optional(),
  fields: listFields("document_id"),
};

/**
 * A field whose faults are told one by one in an order of their own, by the domain: the schema only describes it.
 * @param type as JSON Schema names it
 */
function described(type: "string" | "array" | "integer", description: string) {
  return z
    .unknown()
    .optional()
    .meta({ type, ...(type === "array" && { items: { type: "string" } }), description });
}

const MIB = "1 MiB in UTF-8";

/** What may be said of a document, at its creation and later. */
const describing = {
  title: described("string", `1 to ${LIMITS.title} characters`),
  description: described("string", `Cut to ${LIMITS.description} characters`),
  related_items: described("array", `At most ${LIMITS.relatedItems}, each of ${LIMITS.entry} characters`),
  keywords: described("array", `At most ${LIMITS.keywords}, in lower case, each of ${LIMITS.entry} characters`),
  file_name: described("string", "A plain name that ends in .md or .markdown; default: the id"),
  content: described("string", `Markdown, at most ${MIB}; kept to the byte`),
};

export const newDocumentBody = z.looseObject({
  project_id: described("string", "A registered project"),
  ...describing,
});

export const editBody = z.looseObject({
  ...describing,
  status: described("string", "active or archived"),
  expected_version: described("integer", "The version that the document must have; the older way to say If-Match"),
});

const document = z
  .looseObject({
    document_id: z.string(),
    project_id: z.string(),
    title: z.string(),
    description: z.string().optional(),
    file_name: z.string().optional(),
    s3_bucket: z.string().optional(),
    s3_key: z.string().optional(),
    content_type: z.string().optional(),
    content_hash: z.string().optional().meta({ description: "SHA-256 of the content's bytes, lower-case hex" }),
    size_bytes: z.number().int().optional(),
    related_items: z.array(z.string()),
    keywords: z.array(z.string()),
    created_by: z.string().optional(),
    created_at: z.string().optional(),
    updated_at: z.string().optional(),
    updated_by: z.string().optional(),
    status: z.string().optional(),
    version: z.number().int(),
    compliance_score: z.number().int().optional(),
    compliance_warnings: z.array(z.string()).optional(),
    compliance_checked_at: z.string().optional(),
  })
  .meta({ id: "Document", description: "What is known of a document; its content is asked for by its id" });

const listedDocument = document.partial().required({ document_id: true }).meta({
  id: "ListedDocument",
  description: "A document in a list; with `fields` those only",
});

const content = {
  content: z.string().optional(),
  content_error: z
    .enum(["NOT_FOUND", "RESPONSE_TOO_LARGE"])
    .optional()
    .meta({ description: "Why there is no content; RESPONSE_TOO_LARGE: ask again with Accept-Encoding: gzip" }),
};

/** One document, and all of it at top level once more, where older clients look for it. */
export const documentAnswer = z
  .looseObject({ success: z.literal(true), document: document.extend(content), ...content })
  .meta({ description: "The attributes and the content stand at top level too" });

const compliance = {
  compliance_score: z.number().int().optional().meta({ description: "0 to 100" }),
  compliance_warnings: z.array(z.string()).optional(),
  compliance_findings: z
    .array(
      z.object({
        rule: z.string(),
        line: z.number().int().optional(),
        points: z.number().int(),
        message: z.string(),
      }),
    )
    .optional()
    .meta({ description: "What the score comes from: which rule, in which line, how many points" }),
};

export const createdAnswer = z.object({
  success: z.literal(true),
  document_id: z.string(),
  s3_location: z.string(),
  content_hash: z.string(),
  size_bytes: z.number().int(),
  created_at: z.string(),
  ...compliance,
});

export const editedAnswer = z.object({
  success: z.literal(true),
  document_id: z.string(),
  updated_at: z.string(),
  version: z.number().int(),
  ...compliance,
});

const nextCursor = z.string().optional().meta({ description: "Only when more follow" });

export const listAnswer = z.object({
  success: z.literal(true),
  documents: z.array(listedDocument),
  count: z.number().int(),
  next_cursor: nextCursor,
});

const foundDocument = listedDocument.extend({
  score: z.number().optional().meta({ description: "With text: comparable within one search only" }),
  matched: z
    .array(z.object({ word: z.string(), fields: z.array(z.enum(["title", "body"])) }))
    .optional()
    .meta({ description: "With text: where the document has the words" }),
});

export const searchAnswer = listAnswer.extend({
  documents: z.array(foundDocument),
  total_matches: z.number().int().meta({ description: "On all pages; exact to 1,000" }),
  total_matches_is_lower_bound: z.literal(true).optional(),
  truncated: z.literal(true).optional().meta({
    description: "So much had to be looked at that the rest comes with next_cursor",
  }),
  warnings: z.array(z.string()).optional(),
});

export const historyAnswer = z.object({
  success: z.literal(true),
  document_id: z.string(),
  entries: z.array(
    z
      .object({
        document_id: z.string(),
        project_id: z.string(),
        seq: z.number().int(),
        version: z.number().int(),
        at: z.string(),
        actor: z.string(),
        operation: z.string(),
        changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
        prev_hash: z.string(),
        hash: z.string(),
      })
      .meta({ id: "DocumentHistoryEntry", description: "One committed change; the hash covers everything else in it" }),
  ),
  next_cursor: nextCursor,
});
