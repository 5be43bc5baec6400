import * as z from "zod";

export const prepareBody = z.object({
  dry_run: z.boolean().default(false).describe("Hashes and sizes without the content"),
});

const preparedDocument = z
  .object({
    filename: z.string(),
    source: z.string().describe("`s3://bucket/key`"),
    category: z.string(),
    size_bytes: z.number().int(),
    content_hash: z.string().describe("SHA-256 of the bytes, lower-case hex"),
    content: z.string().optional().describe("Not in a dry run"),
  })
  .meta({ id: "PreparedDocument" });

export const preparedAnswer = z.object({
  success: z.literal(true),
  project_id: z.string(),
  documents: z.array(preparedDocument).describe("The reference document, then those of the configuration in its order"),
  total_docs: z.number().int(),
  max_docs: z.number().int(),
  prepared_at: z.string(),
  warnings: z
    .array(
      z.object({
        filename: z.string(),
        reason: z.enum(["MISSING_KEY", "NOT_FOUND", "UNKNOWN_SOURCE_TYPE", "NOT_TEXT", "READ_FAILED"]),
      }),
    )
    .describe("What was left out"),
});
