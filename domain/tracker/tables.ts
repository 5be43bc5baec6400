import { requireEnv } from "@enceladus/shared/env";

/** The tables of the tracker, named by the environment. @throws DomainError CONFIGURATION_ERROR */
export const tables = {
  records: () => requireEnv("DYNAMODB_TABLE"),
  history: () => requireEnv("TRACKER_HISTORY_TABLE"),
  links: () => requireEnv("TRACKER_LINKS_TABLE"),
};
