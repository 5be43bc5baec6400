import { requireEnv } from "@enceladus/shared/env";
import { readReferencePointer } from "../../projects/index.ts";
import { projectReferenceKeyword } from "../reserved-keywords.ts";
import { chooseReference, isReference, referenceFileName } from "./candidates.ts";
import { documentsOf } from "./documents-of.ts";
import { type Mirroring, mirrorFile } from "./mirror-file.ts";
import { referencePrefix } from "./prefixes.ts";

/**
 * Shows the reference document of a project, wherever its row in the tracker says that it is, among the project's
 * documents.
 * @returns `skipped` where the project has none
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE, PAYLOAD_TOO_LARGE
 */
export async function syncReference(projectId: string): Promise<Mirroring | "skipped"> {
  const [pointer, documents] = await Promise.all([
    readReferencePointer(projectId),
    documentsOf(projectId, isReference),
  ]);
  if (!pointer) return "skipped";
  const file = {
    bucket: pointer.bucket || requireEnv("S3_BUCKET"),
    key: pointer.key || `${referencePrefix()}${projectId}.md`,
  };
  const defaults = {
    project_id: projectId,
    title: `${projectId} Project Reference`,
    description: "What people and agents read before they work on the project. It follows its file.",
    file_name: referenceFileName(projectId),
    keywords: ["reference", projectReferenceKeyword(), projectId],
  };
  return mirrorFile({ file, defaults, shows: isReference }, chooseReference(documents, projectId));
}
