import { pageLimit } from "@enceladus/middleware/page-limit";
import * as z from "zod";

const keyShape = {
  id: z.string(),
  agent: z.string(),
  scopes: z.array(z.string()),
  projects: z.array(z.string()).describe("`*` stands for all"),
  created_at: z.string(),
  created_by: z.string().describe("The `sub` of the person who issued it"),
  expires_at: z.string(),
};

export const issuedAnswer = z.object({
  success: z.literal(true),
  key: z.object(keyShape),
  secret: z.string().describe("The whole key, `enc_<id>_<secret>`; it is shown this once"),
});

export const listAnswer = z.object({
  success: z.literal(true),
  keys: z.array(
    z.object({
      ...keyShape,
      last_used_at: z.string().nullable().describe("To the hour"),
      revoked_at: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().optional().describe("Only when more follow"),
});

export const revokedAnswer = z.object({ success: z.literal(true), id: z.string(), revoked_at: z.string() });

export const listQuery = z.object({
  limit: pageLimit(1_000),
  cursor: z.string().min(1).max(4_096).optional(),
});
