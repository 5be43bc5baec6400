import { characters } from "@enceladus/shared/text";
import * as z from "zod";

const MOST_OF_A_NAME = 512;
const MOST_OF_A_PATTERN = 500;

/** A text of a person's. Half a character cannot be found in any document. */
const pattern = (text: z.ZodString) =>
  text
    .refine((value) => value.isWellFormed(), "must be Unicode text")
    .refine((value) => characters(value) <= MOST_OF_A_PATTERN, `at most ${MOST_OF_A_PATTERN} characters are allowed`);

/** A query parameter that is on with `true` in any case, and off with everything else. */
const flag = (description: string) =>
  z
    .string()
    .transform((value) => value.toLowerCase() === "true")
    .default(false)
    .meta({ description });

/** A query parameter with a whole number, which is brought between two others. */
const wholeNumber = (fallback: number, least: number, most: number, description: string) =>
  z
    .string()
    .regex(/^[+-]?\d+$/, "must be a whole number")
    .transform((digits) => Math.min(Math.max(Number(digits), least), most))
    .default(fallback)
    .meta({ description: `${description}; from ${least} to ${most}, default ${fallback}` });

export const searchQuery = z.object({
  project: z
    .string("is required")
    .trim()
    .regex(/^[\w-]+$/, "must be the id of a project")
    .max(MOST_OF_A_NAME, `at most ${MOST_OF_A_NAME} characters are allowed`),
  query: pattern(z.string("is required").trim().min(1, "must not be empty")).meta({
    description: "A text, or with `regex` a regular expression in the syntax of RE2",
  }),
  regex: flag("`true`: the query is a regular expression"),
  case_sensitive: flag("`true`: capital letters and small ones differ"),
  context_lines: wholeNumber(2, 0, 10, "Lines to show before and after each match"),
  max_results: wholeNumber(20, 1, 100, "Lines with matches to show"),
  section: pattern(z.string())
    .optional()
    .meta({ description: "A regular expression, in any case: only below headings that it is found in" }),
});

const snippet = z.object({
  line_number: z.number().int(),
  section: z.string().describe("The heading above, with its number signs; empty above all headings"),
  section_line: z.number().int().describe("The line of the heading; 0 where there is none"),
  context_before: z.array(z.string()),
  matched_line: z.string(),
  context_after: z.array(z.string()),
  match_positions: z
    .array(z.tuple([z.number().int(), z.number().int()]))
    .describe("Where in the line each match begins and ends (half-open), in characters (code points)"),
  cut: z.literal(true).optional().describe("Lines are shown to 20,000 characters, and 10,000 matches in one of them"),
});

export const searchAnswer = z.object({
  success: z.literal(true),
  project_id: z.string(),
  query: z.string(),
  search_mode: z.enum(["text", "regex"]),
  match_count: z.number().int().describe("How many lines are shown"),
  truncated: z.boolean().describe("Whether more lines match"),
  snippets: z.array(snippet),
  document_info: z.object({
    total_lines: z.number().int(),
    last_modified: z.string().nullable(),
    s3_key: z.string(),
  }),
});

export const noReferenceAnswer = z.looseObject({
  success: z.literal(false),
  error: z.string(),
  s3_key: z.string().describe("Where the document would be"),
});
