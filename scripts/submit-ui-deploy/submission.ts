import { timestamp } from "@enceladus/shared/time";
import { UserError } from "../api/user-error.ts";

/** What is to be submitted, as it comes from the command line. */
export interface SubmissionOptions {
  projectId: string;
  deploymentType: string;
  changeType: string;
  summary: string;
  changes: readonly string[];
  relatedIds: readonly string[];
  filesChanged: readonly string[];
  submittedBy: string;
  runId?: string;
  sha?: string;
  sourcePrefix?: string;
}

/** Twelve characters tell commits apart. */
const SHORT = 12;

const shortSha = (sha: string | undefined) => sha?.slice(0, SHORT);

/** Where the sources are put: sorted by name, the newest comes last. */
export function sourceKey({ projectId, sourcePrefix, runId, sha }: SubmissionOptions, now: number): string {
  const prefix = (sourcePrefix ?? `deploy-sources/${projectId}`).replace(/\/+$/, "");
  const compact = timestamp(now).replaceAll(/[-:]/g, "");
  return `${prefix}/${compact}-${runId ?? "local"}-${shortSha(sha) ?? "manual"}.zip`;
}

/** The body of the request. */
export function submissionBody(options: SubmissionOptions, key: string): Record<string, unknown> {
  const { changes, sha, filesChanged } = options;
  const named = sha === undefined ? "Sources as they are in a working copy" : `Commit ${shortSha(sha)}`;
  return {
    project_id: options.projectId,
    deployment_type: options.deploymentType,
    change_type: options.changeType,
    summary: options.summary,
    changes: changes.length > 0 ? changes : [named],
    related_record_ids: options.relatedIds,
    ...(filesChanged.length > 0 && { files_changed: filesChanged }),
    submitted_by: options.submittedBy,
    source_key: key,
  };
}

/**
 * Refuses what would end up in the name of the sources, and make another one of it.
 * @throws UserError
 */
export function checkNames({ runId, sha }: Pick<SubmissionOptions, "runId" | "sha">): void {
  if (runId !== undefined && !/^[\w-]{1,64}$/.test(runId)) {
    throw new UserError("--run-id has letters, digits, underscores and hyphens, at most 64.");
  }
  if (sha !== undefined && !/^[0-9a-f]{12,64}$/.test(sha)) {
    throw new UserError("--sha is the id of a commit, in at least twelve hexadecimal digits.");
  }
}
