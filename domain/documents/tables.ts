import { requireEnv } from "@enceladus/shared/env";

/** The tables of documents, named by the environment. @throws DomainError CONFIGURATION_ERROR */
export const tables = {
  documents: () => requireEnv("DOCUMENTS_TABLE"),
  /** Bodies that no row names yet, or no row names any more. */
  bodies: () => requireEnv("DOCUMENT_BODIES_TABLE"),
  history: () => requireEnv("DOCUMENT_HISTORY_TABLE"),
};
