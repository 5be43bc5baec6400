import { requireEnv } from "@enceladus/shared/env";
import { log } from "@enceladus/shared/log";
import pLimit from "p-limit";
import type { StoredDocument } from "../document.ts";
import { governanceKeyword, governanceProject } from "../reserved-keywords.ts";
import { chooseGovernance, GOVERNANCE_TITLE, isGovernance, isMadeBySync, isReference } from "./candidates.ts";
import { documentsOf } from "./documents-of.ts";
import { expectedTag, type Mirror, type Mirroring, mirrorFile } from "./mirror-file.ts";
import { governancePrefix } from "./prefixes.ts";
import { listSources } from "./source-store.ts";

const AT_ONCE = 5;

/** How many files a synchronisation did what with; `passed` for those for which no time was left. */
export type Synced = Record<Mirroring | "failed" | "passed", number>;

function mirrorOf(name: string): Mirror {
  return {
    file: { bucket: requireEnv("S3_BUCKET"), key: `${governancePrefix()}${name}` },
    defaults: {
      project_id: governanceProject(),
      title: `${GOVERNANCE_TITLE} ${name}`,
      description: "What agents and people are told to obey. It follows its file.",
      file_name: name,
      keywords: ["coordination", "enceladus", "governance", governanceKeyword(), "mcp"],
    },
    shows: (document) => document.file_name === name && isGovernance(document),
  };
}

/**
 * Shows one governance file among the documents of the governance project.
 * @param name its key without the prefix
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE, PAYLOAD_TOO_LARGE
 */
export async function syncGovernanceFile(name: string): Promise<Mirroring> {
  const documents = await documentsOf(governanceProject(), isGovernance);
  return mirrorFile(mirrorOf(name), chooseGovernance(documents, name));
}

/** What is to be compared: a file and its document, one of which may be missing. */
interface Pair {
  name: string;
  document: StoredDocument | undefined;
  /** As listed; undefined for a file that is not there. */
  etag: string | undefined;
}

function pairsOf(files: ReadonlyMap<string, string>, documents: readonly StoredDocument[]): Pair[] {
  const shown = [...files].map(([name, etag]) => ({ name, etag, document: chooseGovernance(documents, name) }));
  const left = documents.filter(
    (document) =>
      isMadeBySync(document) &&
      document.status !== "archived" &&
      !files.has(document.file_name ?? "") &&
      // In the governance project a document may carry both keywords, and then it has another file.
      !isReference(document),
  );
  return [...shown, ...left.map((document) => ({ name: document.file_name ?? "", document, etag: undefined }))];
}

async function syncPair({ name, document, etag }: Pair, deadline: number): Promise<keyof Synced> {
  const mirror = mirrorOf(name);
  if (document && etag !== undefined && expectedTag(document, mirror) === etag) return "unchanged";
  if (Date.now() >= deadline) return "passed";
  try {
    return await mirrorFile(mirror, document);
  } catch (error) {
    // One file that cannot be taken must not keep the others from it.
    log().error("governance_file_not_synced", { key: mirror.file.key, error: error as Error });
    return "failed";
  }
}

/**
 * Shows all governance files among the documents of the governance project. What the one listing tells to be unchanged
 * is not looked at.
 * @param deadline no further file is begun after it
 * @throws DomainError INTERNAL_ERROR (files or documents cannot be listed)
 */
export async function syncGovernance(deadline: number): Promise<Synced> {
  const [files, documents] = await Promise.all([
    listSources(requireEnv("S3_BUCKET"), governancePrefix()),
    documentsOf(governanceProject(), isGovernance),
  ]);
  const limit = pLimit(AT_ONCE);
  const fates = await Promise.all(pairsOf(files, documents).map((pair) => limit(syncPair, pair, deadline)));
  const synced: Synced = { created: 0, updated: 0, archived: 0, unchanged: 0, failed: 0, passed: 0 };
  for (const fate of fates) synced[fate] += 1;
  return synced;
}
