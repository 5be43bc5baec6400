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
    "The commit could not be validated: the validator does not answer.",
    {},
    { cause },
  );
}

interface Verdict {
  valid: boolean;
  reason?: unknown;
}

/** Anything but a clear yes or no (a sign-in page, a refused key) says nothing about the commit. */
function isVerdict(answer: unknown): answer is Verdict {
  return typeof (answer as { valid?: unknown } | null)?.valid === "boolean";
}

async function ask(url: URL): Promise<Verdict> {
  const headers = { "X-Coordination-Internal-Key": await internalKey() };
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.status >= 500) throw new Error(`the validator answered ${answer.status}`);
    const verdict: unknown = await answer.json();
    if (!isVerdict(verdict)) throw new Error(`the validator answered ${answer.status} without a verdict`);
    return verdict;
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
  if (!verdict.valid) {
    const reason = typeof verdict.reason === "string" ? verdict.reason : "commit_not_found";
    throw invalidInput(`GitHub commit validation failed: ${reason}`, {
      field: "commit_sha",
      next_action: "Push the commit, then repeat the change with its full SHA.",
    });
  }
  return undefined;
}
