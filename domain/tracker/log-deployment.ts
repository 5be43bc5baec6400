import { DomainError } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { projectByPrefix } from "../projects/index.ts";
import type { Writer } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { parseItemId } from "./record.ts";

/** The system itself: it holds no lease, and no lease keeps it from saying what has happened. */
const DEPLOY_FINALIZE: Writer = {
  channel: "deploy_finalize",
  provider: "deploy_finalize",
  dispatchId: "",
  coordinationRequestId: "",
  sessionId: "",
  authMode: "system",
  principal: "deploy_finalize",
  visible: "all",
};

/** As much of a worklog entry stands on the record as its latest note. */
const MOST_IN_NOTE = 200;

/**
 * Adds a worklog entry about a deployment to a record, whoever holds it.
 * @param itemId any text
 * @param description the entry, at most 500 characters
 * @param onceKey stands for the deployment and the record: repeated within 24 hours, it adds nothing
 * @returns false where no project or no record has the id
 * @throws DomainError INTERNAL_ERROR, CONFLICT
 */
export async function logDeployment(itemId: string, description: string, onceKey: string): Promise<boolean> {
  const parsed = parseItemId(itemId);
  if (!parsed) return false;
  const lookup = await projectByPrefix(parsed.prefix);
  if (lookup.kind === "unknown") {
    throw new DomainError("INTERNAL_ERROR", "Database read failed.", {}, { retryable: true, cause: lookup.cause });
  }
  if (lookup.kind === "missing") return false;
  const target = { projectId: lookup.project.project_id, type: parsed.type, itemId, onceKey };
  try {
    return await changeRecord(target, DEPLOY_FINALIZE, (record) => ({
      after: { ...record, last_update_note: firstCharacters(description, MOST_IN_NOTE) },
      entry: { operation: "log", note: { status: "worklog", description }, keepsLastNote: false },
      result: () => true,
    }));
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return false;
    throw error;
  }
}
