import * as z from "zod";

/** Longer paths lead nowhere, and a record of them would not fit into its row. */
const MAX_PATH = 1_024;
const MAX_NAME = 128;

const path = (what: string) => z.string().max(MAX_PATH).optional().describe(what);
const name = (what: string) => z.string().max(MAX_NAME).optional().describe(what);

/** The arguments of an operation that may be paths. */
export const PATH_FIELDS = ["file_name", "path", "output_path", "local_path", "target_path", "destination"] as const;

/** What is to be judged: who wants to store which document where. */
export const documentPolicyRequest = z.object({
  operation: z.string().trim().min(1).max(MAX_NAME).describe("What is to be done, e.g. `documents_put`"),
  storage_target: z.string().trim().min(1).max(MAX_NAME).describe("Where it would be stored, e.g. `docstore_api`"),
  file_name: path("The document's file name"),
  path: path("A path among the arguments of the operation"),
  output_path: path("As `path`"),
  local_path: path("As `path`"),
  target_path: path("As `path`"),
  destination: path("As `path`"),
  project_id: name("The project that the document belongs to"),
  provider: name("On whose behalf: the name of an agent's provider"),
  coordination_request_id: name("The coordination request that it belongs to"),
  request_id: name("The same, as older callers name it"),
  dispatch_id: name("The dispatch that it belongs to"),
});

export type DocumentPolicyRequest = z.output<typeof documentPolicyRequest>;
