import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { governanceKeyword, governanceProject, projectReferenceKeyword } from "../reserved-keywords.ts";
import type { Mirroring } from "./mirror-file.ts";
import { governancePrefix, referencePrefix } from "./prefixes.ts";

/** The files that documents follow. */
type Kind = "reference" | "governance";

/**
 * A container follows the same files no more often than this, and never twice at once: searches that come within are
 * answered from what the first one has brought. S3's own events come in between.
 */
export const INTERVAL_MS = 2_000;
/** So long is a search kept waiting for files that have changed; the next one goes on. */
const PATIENCE_MS = 10_000;
const MOST_RUNS = 1_000;

interface Run {
  startedAt: number;
  isOver: boolean;
  /** Whether the documents are as the files. */
  succeeded: Promise<boolean>;
}

const runs = new Map<string, Run>();

/** What this container has done lately is forgotten, for tests that begin with a fresh one. */
export function forgetRuns(): void {
  runs.clear();
}

/** What a search is for. */
interface Wanted {
  projectId?: string | undefined;
  keyword?: string | undefined;
}

function kindOf({ projectId, keyword }: Wanted): Kind | undefined {
  if (keyword === projectReferenceKeyword()) return "reference";
  return keyword === governanceKeyword() && projectId === governanceProject() ? "governance" : undefined;
}

/** @returns how many documents became what */
async function sync(kind: Kind, projectId: string): Promise<Readonly<Record<string, number>>> {
  // Loaded here, since most searches have no use for the S3 client.
  if (kind === "governance") {
    const { syncGovernance } = await import("./sync-governance.ts");
    return syncGovernance(Date.now() + PATIENCE_MS);
  }
  const { syncReference } = await import("./sync-reference.ts");
  return { [await syncReference(projectId)]: 1 };
}

/** A failure is counted and told, and never more than that. */
async function attempt(kind: Kind, projectId: string): Promise<boolean> {
  let outcomes: Readonly<Record<string, number>>;
  try {
    outcomes = await sync(kind, projectId);
  } catch (error) {
    log().error("sync_failed", { kind, project_id: projectId, error: error as Error });
    outcomes = { failed: 1 };
  }
  for (const [outcome, times] of Object.entries(outcomes)) {
    if (times > 0 && !["unchanged", "skipped"].includes(outcome))
      await count("document_sync", { kind, outcome }, times);
  }
  return !outcomes.failed && !outcomes.passed;
}

function start(kind: Kind, projectId: string, name: string): Run {
  const run: Run = { startedAt: Date.now(), isOver: false, succeeded: attempt(kind, projectId) };
  void run.succeeded.finally(() => {
    run.isOver = true;
  });
  runs.delete(name);
  runs.set(name, run);
  const [oldest] = runs.keys();
  if (runs.size > MOST_RUNS && oldest !== undefined) runs.delete(oldest);
  return run;
}

/**
 * Brings the documents that a search is for in step with the files that they follow, where they follow any.
 * @param visible which projects exist for the one who searches
 * @returns false where that failed, in whole or in part; the documents are as they were then
 */
export async function keepInStep(wanted: Wanted, visible: VisibleProjects): Promise<boolean> {
  const kind = kindOf(wanted);
  const { projectId } = wanted;
  if (!kind || projectId === undefined || !isVisible(visible, projectId)) return true;
  const name = `${kind} ${projectId}`;
  const last = runs.get(name);
  const isLast = last !== undefined && (!last.isOver || Date.now() - last.startedAt < INTERVAL_MS);
  return (isLast ? last : start(kind, projectId, name)).succeeded;
}

/** The project whose reference document has this name below the prefix; undefined for any other file there. */
const REFERENCE_NAME = /^([^/]+)\.md$/;

/**
 * Brings the document that shows a file in step with it, whether the file was made, changed or removed.
 * @param key of the bucket of files
 * @returns what became of the document; `skipped` for a file that no document shows
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE, PAYLOAD_TOO_LARGE
 */
export async function syncFile(key: string): Promise<Mirroring | "skipped"> {
  const below = (prefix: string) => (key.startsWith(prefix) ? key.slice(prefix.length) : "");
  const governed = below(governancePrefix());
  if (governed !== "" && !governed.endsWith("/")) {
    const { syncGovernanceFile } = await import("./sync-governance.ts");
    return syncGovernanceFile(governed);
  }
  const [, projectId] = REFERENCE_NAME.exec(below(referencePrefix())) ?? [];
  if (projectId === undefined) return "skipped";
  const { syncReference } = await import("./sync-reference.ts");
  return syncReference(projectId);
}
