import { requireEnv } from "@enceladus/shared/env";

/** The tables of full-text search, by their environment variables. */
export const tables = {
  terms: () => requireEnv("DOCUMENT_TERMS_TABLE"),
};
