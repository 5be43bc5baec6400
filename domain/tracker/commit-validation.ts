import { DomainError, invalidInput } from "@enceladus/shared/errors";
import { internalKey } from "@enceladus/shared/internal-key";
import type { TransitionEvidence } from "./evidence.ts";

const TIMEOUT_MS = 5_000;

/** Where a commit is looked up when the evidence does not say. */
export interface DefaultRepository {
  owner: string;
  repo: string;
}

/** Owner and name in the address of a repository, `https://github.com/owner/repo`; undefined for other addresses. */
export function repositoryOf(address: string | null | undefined): DefaultRepository | undefined {
  const [owner, repo] =
    URL.parse(address ?? "")
      ?.pathname.split("/")
      .filter(Boolean) ?? [];
  return owner && repo ? { owner, repo: repo.replace(/\.git$/, "") } : undefined;
}

function unreachable(cause: unknown): DomainError {
  return new DomainError(
    "UPSTREAM_ERROR",
    "The commit could not be validated: the validator is unreachable.",
    {},
    { cause },
  );
}

interface Verdict {
  valid?: boolean;
  reason?: string;
  message?: string;
}

async function ask(url: URL): Promise<Verdict> {
  const headers = { "X-Coordination-Internal-Key": await internalKey() };
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.status >= 500) throw new Error(`the validator answered ${answer.status}`);
    return (await answer.json()) as Verdict;
  } catch (cause) {
    throw unreachable(cause);
  }
}

/**
 * Has a commit looked up by the GitHub integration at `GITHUB_INTEGRATION_API_BASE`.
 * @returns a warning when there is no integration and nothing was checked
 * @throws DomainError INVALID_INPUT (no such commit), UPSTREAM_ERROR (nobody could tell)
 */
export async function validateCommit(
  evidence: TransitionEvidence,
  project: DefaultRepository | undefined,
): Promise<string | undefined> {
  const base = process.env.GITHUB_INTEGRATION_API_BASE;
  if (!base) return "GitHub commit validation skipped: no integration is configured.";
  const url = new URL(`${base.replace(/\/$/, "")}/commits/validate`);
  url.searchParams.set("owner", evidence.owner || project?.owner || process.env.GITHUB_DEFAULT_OWNER || "");
  url.searchParams.set("repo", evidence.repo || project?.repo || process.env.GITHUB_DEFAULT_REPO || "");
  url.searchParams.set("sha", evidence.commit_sha ?? "");
  const verdict = await ask(url);
  if (verdict.valid !== true) {
    throw invalidInput(`GitHub commit validation failed: ${verdict.reason ?? "commit_not_found"}`, {
      field: "commit_sha",
      next_action: "Push the commit, then repeat the change with its full SHA.",
    });
  }
  return undefined;
}
